// Workers whose file lies on another origin than the page, as where the element comes from a host of its own.

/** Whether an address lies on another origin. */
export const isForeign = (address) => new URL(address).origin !== self.location.origin;

/** Browsers start no worker from another origin, but one of this origin may import it. */
export function startForeign(address) {
  const code = `import ${JSON.stringify(String(address))};`;
  const shim = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const worker = new Worker(shim, { type: "module" });
  // Not at once: the browser reads it when it gets round to it.
  setTimeout(() => URL.revokeObjectURL(shim), 60_000);
  return worker;
}
