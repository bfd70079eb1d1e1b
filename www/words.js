// The few words that are needed before the program is there, which has all others (src/web/ui/words).

const WORDS = {
  en: {
    loading: "Loading…",
    notLoaded: "The program could not be loaded. Check the connection and reload the page.",
    noWebAssembly: "This browser can't run WebAssembly, which this page needs. Update it, or use another one.",
  },
  de: {
    loading: "Wird geladen …",
    notLoaded: "Das Programm konnte nicht geladen werden. Prüfen Sie die Verbindung und laden Sie die Seite neu.",
    noWebAssembly:
      "Dieser Browser kann kein WebAssembly ausführen, das diese Seite braucht. Aktualisieren Sie ihn oder verwenden Sie einen anderen.",
  },
  fr: {
    loading: "Chargement…",
    notLoaded: "Le programme n’a pas pu être chargé. Vérifiez la connexion et rechargez la page.",
    noWebAssembly:
      "Ce navigateur ne peut pas exécuter WebAssembly, dont cette page a besoin. Mettez-le à jour ou utilisez-en un autre.",
  },
  es: {
    loading: "Cargando…",
    notLoaded: "No se ha podido cargar el programa. Compruebe la conexión y recargue la página.",
    noWebAssembly: "Este navegador no puede ejecutar WebAssembly, que esta página necesita. Actualícelo o use otro.",
  },
};

/** Words in the first of the languages that is known, by language tags, or else in the browser's; with the `tag` that they have. */
export function wordsOf(tags) {
  const known = [...tags, ...navigator.languages].map((tag) => String(tag).trim().split(/[-_]/)[0].toLowerCase());
  const tag = known.find((tag) => Object.hasOwn(WORDS, tag)) ?? "en";
  return { tag, ...WORDS[tag] };
}

/** What went wrong where the program does not load: also what a browser can't compile, for want of SIMD, it can't run. */
export function noProgram(words, error) {
  const isAble = typeof WebAssembly === "object" && !((error.cause ?? error) instanceof WebAssembly.CompileError);
  return isAble ? words.notLoaded : words.noWebAssembly;
}

/** The languages of an element: its own, then those of what is around it, nearest first. */
export const languagesOf = (element) =>
  ancestors(element)
    .map(({ lang }) => lang)
    .filter(Boolean);

/** The element and what is around it, out of shadow roots too. */
export function ancestors(element) {
  const found = [];
  for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) found.push(at);
  return found;
}
