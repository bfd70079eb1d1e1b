//! German.

use std::borrow::Cow;

use super::{Words, mismatch};
use crate::failure::{DeviceError, FetchError, NoGpu, WeightsError};
use crate::measure::Decimals;
use crate::photo::{DecodeError, Fault, MAX_PIXELS, MAX_SIDE, PhotoFormat};
use crate::protocol::{Backend, Cause, Reason};

pub(super) static WORDS: Words = Words {
    decimals: Decimals::Comma,
    percent_sign: "\u{a0}%",
    before_colon: "",
    megabytes: "MB",

    ready: "Bereit für Fotos.",
    starting: "Startet",
    not_running: "Läuft nicht",
    privacy: "Fotos verlassen dieses Gerät nie. Die Markierungen helfen beim Hinsehen; ein Gutachten sind sie nicht.",

    empty_title: "Risse in einem Foto von Beton finden",
    empty_hint: "Fotos hierher ziehen, einfügen oder auswählen.",
    choose: "Fotos auswählen",
    take: "Foto aufnehmen",
    paste: "Einfügen",
    paste_refused: "Der Browser hat der Seite die Zwischenablage verwehrt. Drücken Sie stattdessen Strg+V (oder ⌘V).",
    paste_nothing: "In der Zwischenablage ist kein Bild.",
    add: "Fotos hinzufügen",
    examples: "Oder ein Beispiel ausprobieren",
    example_names: ["Platte", "Wand", "Feine Risse"],
    example_failed: "Das Beispiel konnte nicht geladen werden. Prüfen Sie die Verbindung und versuchen Sie es erneut.",
    source_failed: "Das Foto konnte nicht geladen werden. Vielleicht stimmt seine Adresse nicht, oder sein Server erlaubt es dieser Seite nicht.",
    shared_failed: "Was geteilt wurde, konnte nicht übernommen werden: Es ist kein Bild, oder auf dem Gerät ist kein Platz dafür. Wählen Sie das Foto stattdessen hier aus.",
    left_over_failed: "Nicht alles davon ließ sich noch lesen.",
    left_over_elsewhere: "Einige dieser Fotos sind in einem anderen Tab geöffnet.",
    open: "Öffnen",
    delete: "Löschen",
    deleted: "Gelöscht.",
    dropped_folder: "Das ist ein Ordner. Öffnen Sie ihn und wählen Sie die Fotos darin aus.",
    drop: "Fotos oder eine Gewichtsdatei ablegen",

    stage_keys: "Die Pfeiltasten verschieben das Foto, Plus und Minus zoomen, 0 zeigt es ganz.",
    stage_role: "Fotoansicht",
    tools: "Zoom und Vergleich",
    zoom_in: "Vergrößern",
    zoom_out: "Verkleinern",
    zoom_fit: "Ganzes Foto zeigen",
    compare: "Mit dem Foto vergleichen",
    compare_line: "Linie zwischen Foto und Ergebnis",

    panel: "Ergebnis und Einstellungen",
    result: "Ergebnis",
    share_label: "als Riss markiert",
    cracks: "Risse",
    no_cracks: "Keine",
    length: "Länge",
    width: "Breite",
    measuring: "Wird gemessen …",
    each_crack: "Riss für Riss",
    number: "Nr.",
    mean_width: "Mittlere Breite",
    max_width: "Größte Breite",
    scale: "Maßstab",
    ruler: "Maßstab festlegen",
    ruler_hint: "Legen Sie die Linie an etwas an, dessen Länge Sie kennen und das in der Ebene des Risses liegt.",
    ruler_length: "Tatsächliche Länge",
    ruler_for_all: "Auch für die anderen Fotos dieser Größe: gleiche Kamera, gleicher Abstand",
    ruler_refused: "Geben Sie die Länge in Millimetern an, etwa 1200 oder 12,5, ohne Zeichen zwischen den Tausendern.",
    ruler_too_short: "Die Linie ist zu kurz für einen Maßstab: Legen Sie sie an etwas an, das im Foto länger ist.",
    ruler_no_scale: "Linie und Länge passen nicht zusammen: Prüfen Sie beide.",
    scale_removed: "Maßstab entfernt",
    left_out: "Von Hand weggelassen",
    put_back: "Letztes zurückholen",
    leave_out_action: "Weglassen",
    leave_out_all: "Alles Markierte weglassen",
    uncorrects: "Ein neuer Durchgang bringt zurück, was von Hand weggelassen wurde.",
    run_really: "Trotzdem neu berechnen?",
    ruler_set: "Übernehmen",
    ruler_remove: "Maßstab entfernen",
    photo_size: "Foto",
    worked_size: "Verarbeitet mit",
    time: "Dauer",
    made_by: "Berechnet mit",
    run_again: "Neu berechnen",
    run_it_again: "Neu berechnen",
    run_them_again: "Alle neu berechnen",

    view: "Ansicht",
    overlay: "Overlay",
    mask: "Maske",
    heat_map: "Heatmap",
    original: "Original",
    probability: "Wahrscheinlichkeit",
    threshold: "Schwellenwert",
    threshold_hint: "Niedriger markiert mehr, höher nur das Sicherste.",
    opacity: "Deckkraft",
    heat_scale: "Risswahrscheinlichkeit",

    download: "Herunterladen",
    table: "Tabelle (CSV)",
    all_results: "Alle Ergebnisse (ZIP)",
    exporting: "Wird geschrieben …",
    exported_all: "Das Archiv ist fertig.",
    file_ready: |name| format!("{name} ist fertig."),
    save: "Sichern",
    report: "Risse in Fotos",
    report_note: "Von einem Programm markiert, zur Beurteilung durch einen Menschen: Es übersieht Risse und markiert auch, was keiner ist.",
    report_blanks: ["Objekt", "Geprüft von", "Bemerkungen"],
    report_blanks_note: "Eine Zeile anklicken, um sie zu beschreiben; dann die Seite drucken oder speichern.",
    not_measured: "Nicht vermessen",
    not_examined: "Nicht untersucht",
    photo: "Foto",

    settings: "Einstellungen",
    language: "Sprache",
    mode: "Genauigkeit",
    native: "Normal",
    native_hint: "Betrachtet jedes Pixel des Fotos, in überlappenden Kacheln. Wo das Minuten dauern würde, wird es erst verkleinert und danach in voller Größe angeboten.",
    thorough: "Gründlich",
    thorough_hint: "Wie „Normal“, danach noch einmal mit dem Foto auf dem Kopf. Dauert etwa doppelt so lange und hält seltener etwas anderes für einen Riss.",
    thorough_mode: "gründlicher Modus",
    space: "256 × 256",
    space_hint: "Verzerrt das Foto auf 256 × 256, wie das Original auf Hugging Face Spaces. Schnell, aber blind für feine Risse. Risse werden nicht vermessen.",
    backend: "Läuft auf",
    automatic: "Automatisch",
    weights: "Gewichte",
    weights_loading: "Werden geladen …",
    weights_none: "Keine",
    weights_choose: "Andere Datei verwenden",
    weights_hint: "Eine Datei mit der Endung .bpk oder .safetensors; Sie können sie auch auf die Seite ziehen.",
    lite_hint: "Findet am meisten. Nur für die Forschung, nicht für gewerbliche Zwecke.",
    open_hint: "Für jeden Zweck, auch gewerblich. An gezeichneten Rissen trainiert: findet weniger und hält öfter rauen Beton für Risse.",
    adapter: "Prozessor",
    speed: "Tempo",
    self_test: "Selbsttest",
    engine_failed: "Fotos können noch nicht untersucht werden",
    try_again: "Erneut versuchen",
    try_gpu_again: "Noch einmal mit der GPU versuchen",

    offline: "Ohne Netz",
    kept_never: "Dieser Browser bewahrt die App nicht auf; zum Starten braucht sie also das Netz.",
    kept_not_yet: "Wird auf diesem Gerät gespeichert, damit die App auch ohne Netz startet …",
    kept_failed: "Nicht alles konnte auf diesem Gerät gespeichert werden: Das Netz brach ab, oder der Speicher ist voll. Beim nächsten Besuch, oder wenn das Netz wieder da ist, wird es noch einmal versucht.",
    kept_for_good: "Bereit. Der Browser hat zugesagt, die App und ihre Gewichte zu behalten.",
    kept_for_now: "Bereit. Der Browser entfernt die App womöglich, wenn der Speicher knapp wird oder sie wochenlang nicht benutzt wurde.",
    work_kept: "Fotos und Ergebnisse bleiben in diesem Browser, bis Sie sie entfernen; was älter ist als eine Woche, wird beim nächsten Besuch gelöscht.",
    work_not_kept: "Nicht alles hiervon kann in diesem Browser bleiben: Laden Sie herunter, was Sie behalten möchten.",
    persist: "Dauerhaft behalten",
    persist_refused: "Der Browser hat nichts zugesagt. Er behält Apps, die installiert sind oder oft benutzt werden.",
    install: "App installieren",
    install_by_hand: "So installieren Sie die App: Öffnen Sie das Teilen-Menü des Browsers und wählen Sie „Zum Home-Bildschirm“.",
    update: "Eine neue Version ist bereit.",
    update_clears: "Beim Neuladen gehen die Fotos und Ergebnisse auf dieser Seite verloren.",
    update_keeps: "Nach dem Neuladen können Sie die Fotos und Ergebnisse dieser Seite wieder öffnen.",
    update_now: "Neu laden",

    queue: "Fotos",
    previous: "Vorheriges Foto",
    next: "Nächstes Foto",
    clear: "Entfernen",
    clear_all: "Alle entfernen",
    cancel: "Abbrechen",
    cancel_key: "Abbrechen (Esc)",
    cancel_all: "Alle abbrechen",
    stopping: "Wird abgebrochen …",
    stopped_photo: "Abgebrochen. Dieses Foto wurde nicht untersucht.",
    dismiss: "Ausblenden",
    show_controls: "Bedienfeld einblenden",
    hide_controls: "Bedienfeld ausblenden",

    waiting: "Wartet",
    waiting_turn: "Noch nicht an der Reihe",
    working: "In Arbeit",
    done: "Fertig",
    done_and_corrected: "Fertig, von Hand korrigiert",
    stopped: "Abgebrochen",
    failed: "Fehlgeschlagen",

    stage_program: "Programm wird geladen",
    stage_weights: "Gewichte werden geladen",
    stage_compiling: "Prozessor wird vorbereitet und geprüft",
    stage_decoding: "Foto wird gelesen",
    stage_tiles: "Risse werden gesucht",

    left_over: |count, when| match count {
        1 => format!("Ein Foto ist noch da, vom {when}."),
        _ => format!("{count} Fotos sind noch da, das letzte vom {when}."),
    },
    show_crack: |number| format!("Riss {number} im Foto zeigen"),
    leave_out: |number| format!("Kein Riss: {number} weglassen"),
    announce_left_out: |number, all| {
        format!("Riss {number} ist weggelassen; insgesamt weggelassen: {all}.")
    },
    announce_all_left_out: |all| {
        format!("Alles Markierte ist weggelassen; insgesamt weggelassen: {all}.")
    },
    announce_specks_left_out: |all| {
        format!("Die kurzen Markierungen sind weggelassen; insgesamt weggelassen: {all}.")
    },
    specks: |count, shortest| match count {
        1 => format!("Eine Markierung unter {shortest} ist eingefärbt, aber nicht aufgeführt."),
        _ => {
            format!("{count} Markierungen unter {shortest} sind eingefärbt, aber nicht aufgeführt.")
        }
    },
    announce_put_back: |left| {
        format!("Das zuletzt Weggelassene ist zurück; noch weggelassen: {left}.")
    },
    more_cracks: |count| match count {
        1 => "Ein kürzerer steht nur in der Tabelle (CSV).".to_owned(),
        _ => format!("{count} kürzere stehen nur in der Tabelle (CSV)."),
    },
    ruler_end: |number| format!("Ende {number} der Linie; die Pfeiltasten bewegen es"),
    for_photos: |count| format!("für {count} Fotos"),
    crack_label: |number, length, width| format!("{number}: {length} lang, {width} breit"),
    width_up_to: |mean, most| format!("{mean}, bis {most}"),
    width_hint: |least| {
        format!(
            "Die Breite wird quer zum Riss gemessen, auf etwa ein Pixel genau. Unter {least} ist sie unsicher."
        )
    },
    short_marks: |shortest| {
        format!(
            "Nichts Markiertes zieht sich über {shortest} hin; Kürzeres wird nicht als Riss vermessen."
        )
    },
    collecting: |done, total| format!("Schritt {} von {total} …", done + 1),
    clear_really: |count| match count {
        1 => "Dieses Foto entfernen?".to_owned(),
        _ => format!("{count} Fotos entfernen?"),
    },
    weights_named: |name, width| format!("{name}, Breite {width}"),
    a_megapixel: |time| format!("{time} je Megapixel"),
    agreement: |difference| format!("GPU und CPU stimmen bis auf {difference} überein"),
    coming_weights: |file| format!("{file} wird nach dem Foto verwendet, das in Arbeit ist."),
    reset_to: |threshold| format!("Auf {threshold} zurücksetzen"),
    outdated: |is_shown, others| match (is_shown, others) {
        (true, 0) => "Die Einstellungen haben sich seither geändert.".to_owned(),
        (true, 1) => {
            "Dieses und ein weiteres Foto wurden mit anderen Einstellungen verarbeitet.".to_owned()
        }
        (true, _) => format!(
            "Dieses und {others} weitere Fotos wurden mit anderen Einstellungen verarbeitet."
        ),
        (false, 1) => "Ein anderes Foto wurde mit anderen Einstellungen verarbeitet.".to_owned(),
        (false, _) => {
            format!("{others} andere Fotos wurden mit anderen Einstellungen verarbeitet.")
        }
    },
    weights_stay: |weights| format!("Die Gewichte „{weights}“ bleiben in Gebrauch."),
    about_time: |time| format!("etwa {time}"),
    worked_at_share: |share| {
        format!(
            "Mit {share} der Fotogröße verarbeitet, damit es auf diesem Gerät nicht lange dauert. Feinere Risse können fehlen."
        )
    },
    working_at_share: |share, full| {
        format!("Mit {share} der Fotogröße; in voller Auflösung würde es {full} dauern.")
    },
    run_full_in: |about| format!("In voller Auflösung berechnen ({about})"),
    made_by_weights: |backend, weights| format!("{backend}, Gewichte „{weights}“"),
    of_total: |part, total| format!("{part} von {total}"),
    tile: |number, total, left| format!("Kachel {number} von {total}, noch {left}"),
    card_of: |name, number, of, phase, is_outdated| {
        let outdated = if is_outdated {
            ", mit anderen Einstellungen"
        } else {
            ""
        };
        format!("{name}, Foto {number} von {of}: {phase}{outdated}")
    },
    remove: |name| format!("{name} entfernen"),
    place: |number, of, in_work| match in_work {
        0 => format!("{number} von {of}"),
        _ => format!("{number} von {of} · noch {in_work}"),
    },
    announce_again: |others| match others {
        1 => "Ein anderes Foto wird noch einmal bearbeitet.".to_owned(),
        _ => format!("{others} andere Fotos werden noch einmal bearbeitet."),
    },
    queue_finished: |done, stopped, failed| {
        let mut words = format!("Alle Fotos sind bearbeitet: {done} fertig");
        if stopped > 0 {
            words += &format!(", {stopped} abgebrochen");
        }
        if failed > 0 {
            words += &format!(", {failed} fehlgeschlagen");
        }
        words + "."
    },
    announce_removed: |name, left| match left {
        1 => format!("{name} entfernt, noch 1 Foto da."),
        _ => format!("{name} entfernt, noch {left} Fotos da."),
    },
    ready_on: |backend| format!("Bereit, auf {backend}."),
    and_more: |names, more| format!("{names} und {more} weitere"),
    notice: |name, message| format!("{name}: {message}"),
    pixels: |size| format!("{size} Pixel"),
    share_found: |share| format!("{share} der Fläche als Riss markiert."),
    share_shown: |share, threshold, view| {
        format!(
            "{share} der Fläche beim Schwellenwert {threshold} als Riss markiert. Ansicht: {view}."
        )
    },
    reason: |backend, reason| match (reason, backend) {
        (Reason::Chosen, Backend::Cpu) => "Die CPU wurde gewählt.",
        (Reason::Chosen, Backend::WebGpu | Backend::WebGpuF16) => {
            "WebGPU wurde gewählt und stimmt mit der CPU überein."
        }
        (Reason::Faster, Backend::Cpu) => "Die CPU ist schneller als diese GPU.",
        (Reason::Faster, Backend::WebGpu | Backend::WebGpuF16) => {
            "WebGPU stimmt mit der CPU überein und ist schneller."
        }
        (Reason::SoftwareGpu, _) => {
            "WebGPU läuft hier nur als Software, langsamer als die CPU selbst."
        }
        (Reason::NoWebGpu, _) => {
            "Dieser Browser hat kein WebGPU. Die CPU leistet dasselbe, nur langsamer."
        }
        (Reason::NoAdapter, _) => {
            "WebGPU findet hier keine GPU, die ihm genügt. Die CPU leistet dasselbe, nur langsamer."
        }
        (Reason::GpuFailed, _) => {
            "Die GPU ließ sich nicht starten. Die CPU leistet dasselbe, nur langsamer."
        }
        (Reason::SmallGpu, _) => {
            "Diese Gewichte sind zu groß für diese GPU. Die CPU leistet dasselbe, nur langsamer."
        }
        (Reason::WrongGpu, _) => {
            "Die GPU rechnet hier falsch und wird nicht verwendet. Ein neuerer Browser oder Grafiktreiber kann helfen."
        }
        (Reason::LostGpu, _) => "Die GPU antwortete nicht mehr; die CPU übernimmt ihre Arbeit.",
        (Reason::Recovered, _) => {
            "Die Berechnung brach unerwartet ab und läuft nun auf der CPU weiter."
        }
    },
    cause,
};

fn cause(cause: &Cause) -> String {
    match cause {
        Cause::Photo(error) => photo(error),
        Cause::Weights(error) => weights(error),
        Cause::ServedWeights(error) => format!(
            "Die Gewichte dieser Seite sind nicht verwendbar; wenden Sie sich an den Betreiber. {}",
            weights(error)
        ),
        Cause::Fetch(error) => fetch(error),
        Cause::Device(error) => device(error),
        Cause::Unreadable => "Die Datei lässt sich nicht mehr lesen. Vielleicht wurde sie verschoben oder gelöscht: Fügen Sie sie erneut hinzu.".to_owned(),
        Cause::NotStarted => "Die Berechnung ist nicht gestartet, daher kann kein Foto untersucht werden. Laden Sie die Seite neu.".to_owned(),
        Cause::NoRoom => "Dieser Browser hat keinen Platz mehr für das Ergebnis. Entfernen Sie einige Fotos und berechnen Sie es neu.".to_owned(),
        Cause::Incomplete => "Das Ergebnis ist unvollständig. Berechnen Sie das Foto neu.".to_owned(),
        Cause::NotWritten(detail) => format!("Das Bild konnte nicht als PNG geschrieben werden ({detail}). Entfernen Sie einige Fotos und versuchen Sie es erneut."),
        Cause::StoppedTwice(detail) => format!(
            "Die Berechnung brach zweimal unerwartet ab ({detail}). Versuchen Sie es erneut oder mit einem kleineren Foto."
        ),
        Cause::NotLoaded(detail) => format!(
            "Das Programm konnte nicht geladen werden ({detail}). Prüfen Sie die Verbindung und versuchen Sie es erneut."
        ),
        Cause::NoWorker(detail) => format!(
            "Dieser Browser kann die Berechnung nicht starten ({detail}). Aktualisieren Sie ihn oder verwenden Sie einen anderen."
        ),
    }
}

fn photo(error: &DecodeError) -> String {
    let file = |format: &PhotoFormat| match format {
        PhotoFormat::Other => "Diese Bilddatei".to_owned(),
        format => format!("Diese {format}-Datei"),
    };
    match error {
        DecodeError::Empty => "Diese Datei ist leer. Wählen Sie ein anderes Foto.".to_owned(),
        DecodeError::NotAnImage => "Das ist kein lesbares Bild. Wählen Sie eine Datei im Format PNG, JPEG, WebP, BMP, TIFF oder GIF.".to_owned(),
        DecodeError::NeedsBrowser(format) => format!(
            "Das ist ein {format}-Foto, das dieser Browser nicht lesen kann. Speichern Sie es als JPEG oder PNG, oder stellen Sie die Kamera auf JPEG (auf dem iPhone: Einstellungen, Kamera, Formate, Maximale Kompatibilität)."
        ),
        DecodeError::Unsupported { format, fault } => format!(
            "{} lässt sich nicht lesen: {}. Speichern Sie sie als PNG oder JPEG und versuchen Sie es erneut.",
            file(format),
            self::fault(fault)
        ),
        DecodeError::Broken { format, fault } => format!(
            "{} ist beschädigt oder unvollständig: {}. Kopieren oder laden Sie sie erneut.",
            file(format),
            self::fault(fault)
        ),
        DecodeError::TooMuchMemory => "Dieses Foto braucht mehr Speicher, als hier da ist. Verkleinern Sie es oder schneiden Sie das Wesentliche aus.".to_owned(),
        DecodeError::TooLarge { width, height } => format!(
            "Dieses Foto ist zu groß: {width} × {height} Pixel, höchstens {} Millionen sind möglich, und {MAX_SIDE} je Seite. Verkleinern Sie es oder schneiden Sie das Wesentliche aus.",
            MAX_PIXELS / 1_000_000
        ),
    }
}

fn fault(fault: &Fault) -> Cow<'_, str> {
    match fault {
        Fault::Animation => "sie ist eine Animation".into(),
        Fault::CutOff => "ihr Ende fehlt".into(),
        Fault::NoPixels => "sie hat keine Pixel".into(),
        Fault::Misfit => "ihre Pixel passen nicht zu ihrer Größe".into(),
        Fault::Told(text) => format!("der Decoder meldet „{text}“").into(),
    }
}

fn weights(error: &WeightsError) -> String {
    match error {
        WeightsError::UnknownFormat => "Das ist keine Gewichtsdatei. Wählen Sie eine Datei mit der Endung .bpk oder .safetensors; eine .pth-Datei von PyTorch muss erst umgewandelt werden, wie die README des Projekts beschreibt.".to_owned(),
        WeightsError::Damaged(detail) => format!(
            "Die Gewichtsdatei lässt sich nicht lesen ({detail}). Laden Sie sie erneut herunter, oder wandeln Sie sie noch einmal um."
        ),
        WeightsError::Io(detail) => format!("Auf die Gewichtsdatei kann nicht zugegriffen werden ({detail}). Prüfen Sie ihren Namen und ob Sie sie lesen dürfen."),
        WeightsError::TooLarge => "Diese Datei ist zu groß, um hier gelesen zu werden. Eine Gewichtsdatei hat einige Megabyte: Wählen Sie eine andere Datei.".to_owned(),
        WeightsError::NotThisNetwork(tensor) => format!(
            "Das sind keine Gewichte eines Attention U-Net: Der Tensor „{tensor}“ fehlt oder hat eine unerwartete Form. Wählen Sie eine andere Datei."
        ),
        WeightsError::Mismatch { width, mismatch: found } => format!(
            "Die Gewichte passen nicht zu einem Attention U-Net der Breite {width}.{} Wählen Sie eine andere Datei.",
            mismatch(&WORDS, found, ["Es fehlen", "Nicht erwartet", "Nicht passend"])
        ),
    }
}

fn fetch(error: &FetchError) -> String {
    match error {
        FetchError::Unreachable(detail) => format!(
            "Die Gewichte können nicht geladen werden ({detail}). Prüfen Sie die Verbindung und versuchen Sie es erneut. Hilft das nicht, wenden Sie sich an den Betreiber dieser Website: Vielleicht ist ihre Adresse falsch, oder ihr Server gestattet dieser Seite den Zugriff nicht."
        ),
        FetchError::Refused { status, url } => format!(
            "Die Gewichte können nicht geladen werden: Der Server antwortet mit {status} auf {url}. Versuchen Sie es später erneut; wenn es dabei bleibt, wenden Sie sich an den Betreiber dieser Website."
        ),
        FetchError::Manifest(detail) => format!(
            "Das Verzeichnis der Gewichte lässt sich nicht lesen ({detail}). Wenden Sie sich an den Betreiber dieser Website."
        ),
        FetchError::TooLarge => "Die Gewichtsdatei ist größer als angegeben. Wenden Sie sich an den Betreiber dieser Website.".to_owned(),
        FetchError::NoMemory => "Die Gewichte brauchen mehr Speicher, als hier da ist. Schließen Sie andere Seiten und versuchen Sie es erneut.".to_owned(),
        FetchError::Damaged => "Die Gewichte kamen beschädigt an. Versuchen Sie es erneut; wenn es dabei bleibt, wenden Sie sich an den Betreiber dieser Website.".to_owned(),
    }
}

fn device(error: &DeviceError) -> String {
    match error {
        DeviceError::Unavailable(why) => {
            let why = match why {
                NoGpu::NoWebGpu => "dieser Browser hat kein WebGPU",
                NoGpu::NoAdapter => "WebGPU findet hier keine, die ihm genügt",
                NoGpu::Refused => "sie hat den Start verweigert",
                NoGpu::TooSmall => "diese Gewichte sind zu groß für sie",
                NoGpu::NotStarted => "WebGPU ließ sich nicht starten",
            };
            format!(
                "Dieser Seite steht keine GPU zur Verfügung ({why}). Die CPU leistet dasselbe, nur langsamer."
            )
        }
        DeviceError::Wrong { difference } => format!(
            "Die GPU rechnet hier falsch (die Wahrscheinlichkeit weicht um {} ab) und wird nicht verwendet. Ein neuerer Browser oder Grafiktreiber kann helfen.",
            WORDS.number((*difference).into(), 3)
        ),
        DeviceError::Lost(detail) => format!(
            "Die GPU ging verloren ({detail}). Versuchen Sie es erneut, oder wechseln Sie zur CPU."
        ),
    }
}
