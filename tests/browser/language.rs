//! The page speaks the person's language.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::harness::{App, Gpu, dist};
use crate::native::{self, Native};

/// A person who reads Portuguese best and German next.
const READS_GERMAN: &str =
    r#"Object.defineProperty(navigator, "languages", { get: () => ["pt-BR", "de-CH", "fr"] });"#;

/// What the page says, and in which language it says that it does.
const SAYS: &str = r#"
    const text = (name) => document.querySelector(`[data-testid=${name}]`)?.textContent.trim() ?? null;
    const { value } = document.querySelector("[data-testid=language]");
    const { lang } = document.querySelector("[data-testid=app]");
    return { page: document.documentElement.lang, lang, value, choose: text("choose"), reset: text("threshold-reset") };
"#;

impl App {
    fn says(&self) -> Result<Value> {
        self.get("language")?;
        self.run(SAYS, json!([]))
    }

    /// Chooses a language, as by the keyboard.
    fn speak(&self, tag: &str) -> Result<()> {
        let select = self.get("language")?.reference();
        let choose = r#"
            arguments[0].value = arguments[1];
            arguments[0].dispatchEvent(new Event("change", { bubbles: true }));
        "#;
        self.run(choose, json!([select, tag]))?;
        self.find(&format!("[data-testid=app][lang={tag}]"))
            .map(drop)
    }
}

#[test]
fn the_browsers_language_counts_until_another_is_chosen_for_good() -> Result<()> {
    let app = App::open_site(Gpu::None, &dist(), READS_GERMAN)?;
    app.wait_until_ready()?;
    let german = json!({
        "page": "de", "lang": "de", "value": "de", "choose": "Fotos auswählen", "reset": null
    });
    let says = app.says()?;
    ensure!(says == german, "{says}");

    app.speak("es")?;
    app.reload()?;
    app.wait_until_ready()?;
    let says = app.says()?;
    let spanish = json!({
        "page": "es", "lang": "es", "value": "es", "choose": "Elegir fotos", "reset": null
    });
    ensure!(says == spanish, "{says}");
    app.expect_no_trouble()
}

#[test]
fn words_and_numbers_change_in_place() -> Result<()> {
    let photo = native::photo("language.png", 160, 120)?;
    let text = native::file("einkauf.jpg", b"a shopping list, not a photo")?;
    let app = App::open(Gpu::None)?;
    app.choose(&[&photo])?;
    let found = app.wait_for_result()?;
    app.choose(&[&text])?;
    app.expect_error(&["einkauf.jpg", "not a picture"])?;
    app.open_settings()?;
    let told = || -> Result<[String; 3]> {
        Ok([
            app.get("error")?.text()?,
            app.find(".cs-slider__value")?.text()?,
            app.find(".cs-share__label")?.text()?,
        ])
    };
    ensure!(told()?[1].starts_with("0."), "{:?}", told()?);
    for (tag, failure, label) in [
        ("de", "kein lesbares Bild", "als Riss markiert"),
        (
            "fr",
            "pas une image lisible",
            "surface marquée comme fissure",
        ),
        ("es", "No es una imagen", "superficie marcada como fisura"),
    ] {
        app.speak(tag)?;
        let told = told()?;
        ensure!(
            told[0].contains(failure) && told[0].contains("einkauf.jpg"),
            "{told:?}"
        );
        ensure!(told[1].starts_with("0,") && told[2] == label, "{told:?}");
    }
    let still = app.wait_for_result()?;
    ensure!(still == found, "{still:?}, and {found:?} in English");
    // What a spreadsheet takes apart where numbers have commas.
    let table = String::from_utf8(app.download("table")?.bytes)?;
    let threshold = format!(";{};lite;", Native::load()?.threshold).replace('.', ",");
    ensure!(
        table.starts_with("\u{feff}photo;files;") && table.contains(&threshold),
        "{table}"
    );
    app.expect_no_trouble()
}
