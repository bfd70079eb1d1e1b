// Says so where the app's first module does not come or can't be read: that can't do it itself. A plain script, which
// browsers read that know no modules.
(function () {
  var WORDS = {
    en: "The page could not be loaded. Check the connection and reload it, or update this browser.",
    de: "Die Seite konnte nicht geladen werden. Prüfen Sie die Verbindung und laden Sie sie neu, oder aktualisieren Sie diesen Browser.",
    fr: "La page n’a pas pu être chargée. Vérifiez la connexion et rechargez-la, ou mettez ce navigateur à jour.",
    es: "No se ha podido cargar la página. Compruebe la conexión y vuelva a cargarla, o actualice este navegador.",
  };

  function tell() {
    var line = document.querySelector(".boot");
    if (!line) return;
    // As words.js chooses it.
    var tags = (navigator.languages || [navigator.language]).map(function (tag) {
      return tag.split(/[-_]/)[0].toLowerCase();
    });
    var known = tags.filter(function (tag) {
      return Object.prototype.hasOwnProperty.call(WORDS, tag);
    });
    var words = known[0] || "en";
    line.lang = words;
    line.className = "boot boot--failed";
    line.setAttribute("role", "alert");
    line.textContent = WORDS[words];
  }

  window.addEventListener(
    "error",
    function (event) {
      // Of the page's own scripts only, not of pictures or of what the browser adds.
      var from = event.target === window ? event.filename : event.target.localName === "script" && event.target.src;
      if (from && from.indexOf(location.origin + "/") === 0) tell();
    },
    true
  );
  if (!("noModule" in HTMLScriptElement.prototype)) tell();
})();
