// Says so where the app's first module does not come or can't be read: that can't do it itself. A plain script, which the
// oldest browser reads.
(function () {
  var WORDS = {
    en: "The page could not be loaded. Check the connection and reload it, or update this browser.",
    de: "Die Seite konnte nicht geladen werden. Prüfen Sie die Verbindung und laden Sie sie neu, oder aktualisieren Sie diesen Browser.",
    fr: "La page n’a pas pu être chargée. Vérifiez la connexion et rechargez-la, ou mettez ce navigateur à jour.",
    es: "No se ha podido cargar la página. Compruebe la conexión y vuelva a cargarla, o actualice este navegador.",
  };

  function tell(event) {
    var line = document.querySelector(".boot");
    // An element's own error, as of a picture, is not the page's, unless it is a script.
    var isScript = event.target === window || (event.target && event.target.localName === "script");
    if (!line || !isScript) return;
    var language = (navigator.language || "en").slice(0, 2);
    var words = WORDS[language] ? language : "en";
    line.lang = words;
    line.className = "boot boot--failed";
    line.setAttribute("role", "alert");
    line.textContent = WORDS[words];
  }

  window.addEventListener("error", tell, true);
})();
