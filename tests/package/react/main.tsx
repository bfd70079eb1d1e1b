// The element in a component: attributes go in as props, events come out.
import type { CrackSegmenterElement, CrackSegmenterEventMap } from "crack-segmenter";
import "crack-segmenter";
import { type DetailedHTMLProps, type HTMLAttributes, StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";

type Props = DetailedHTMLProps<HTMLAttributes<CrackSegmenterElement>, CrackSegmenterElement> & {
  src?: string;
  controls?: boolean;
  threshold?: number;
  onresult?: (event: CrackSegmenterEventMap["result"]) => void;
  onerror?: (event: CrackSegmenterEventMap["error"]) => void;
};

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "crack-segmenter": Props;
    }
  }
}

function Inspection() {
  const [words, setWords] = useState<string>();
  const [isShown, show] = useState(true);
  return (
    <>
      {isShown && (
        <crack-segmenter
          src="wall.png"
          controls
          onresult={({ detail }) => setWords(String(detail.share()))}
          onerror={({ detail }) => setWords(detail.message)}
        />
      )}
      <output data-state={words === undefined ? "waiting" : "done"}>{words}</output>
      <button onClick={() => show(!isShown)}>Hide</button>
    </>
  );
}

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <Inspection />
  </StrictMode>,
);
