// Measures how long the page was kept from answering: the longest time between two ticks of a timer.
let last = performance.now();
let longest = 0;

function tick() {
  const now = performance.now();
  longest = Math.max(longest, now - last);
  last = now;
  setTimeout(tick, 4);
}
tick();

/** The longest pause since this was last called, or since the page began, in seconds. */
export function takeLongestPause() {
  const pause = Math.max(longest, performance.now() - last);
  [longest, last] = [0, performance.now()];
  return pause / 1e3;
}
