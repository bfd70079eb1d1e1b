//! French. A colon has a space before it, other high marks a narrow one; neither breaks.

use std::borrow::Cow;

use super::{Words, mismatch};
use crate::failure::{DeviceError, FetchError, NoGpu, WeightsError};
use crate::measure::Decimals;
use crate::photo::{DecodeError, Fault, MAX_PIXELS, MAX_SIDE, PhotoFormat};
use crate::protocol::{Backend, Cause, Reason};

pub(super) static WORDS: Words = Words {
    decimals: Decimals::Comma,
    percent_sign: "\u{202f}%",
    before_colon: "\u{a0}",
    megabytes: "Mo",

    ready: "Prêt à recevoir des photos.",
    starting: "Démarrage",
    not_running: "À l’arrêt",
    privacy: "Les photos ne quittent jamais cet appareil. Les marques aident à regarder\u{202f}; elles ne remplacent pas une expertise.",

    empty_title: "Trouver les fissures d’une photo de béton",
    empty_hint: "Déposez ou collez des photos ici, ou choisissez-les.",
    choose: "Choisir des photos",
    take: "Prendre une photo",
    paste: "Coller",
    paste_refused: "Le navigateur n’a pas laissé la page lire le presse-papiers. Appuyez plutôt sur Ctrl+V (ou ⌘V).",
    paste_nothing: "Le presse-papiers ne contient aucune image.",
    add: "Ajouter des photos",
    examples: "Ou essayer un exemple",
    example_names: ["Dalle", "Mur", "Fissures fines"],
    example_failed: "L’exemple n’a pas pu être chargé. Vérifiez la connexion et réessayez.",
    source_failed: "La photo n’a pas pu être chargée. Son adresse est peut-être fausse, ou son serveur ne permet pas à cette page de la charger.",
    shared_failed: "Ce qui a été partagé n’a pas pu être reçu\u{a0}: ce n’est pas une image, ou l’appareil n’a plus de place. Choisissez plutôt la photo ici.",
    left_over_failed: "Une partie n’a plus pu être lue.",
    left_over_elsewhere: "Certaines de ces photos sont ouvertes dans un autre onglet.",
    open: "Ouvrir",
    delete: "Supprimer",
    deleted: "Supprimé.",
    dropped_folder: "C’est un dossier. Ouvrez-le et choisissez les photos qu’il contient.",
    drop: "Déposez des photos ou un fichier de poids",

    stage_keys: "Les flèches déplacent la photo, plus et moins zooment, 0 la montre en entier.",
    stage_role: "visionneuse de photo",
    tools: "Zoom et comparaison",
    zoom_in: "Agrandir",
    zoom_out: "Réduire",
    zoom_fit: "Afficher toute la photo",
    compare: "Comparer avec la photo",
    compare_line: "Ligne entre la photo et le résultat",

    panel: "Résultat et réglages",
    result: "Résultat",
    share_label: "surface marquée comme fissure",
    cracks: "Fissures",
    no_cracks: "Aucune",
    length: "Longueur",
    width: "Largeur",
    measuring: "Mesure en cours…",
    each_crack: "Fissure par fissure",
    number: "N°",
    mean_width: "Largeur moyenne",
    max_width: "Largeur maximale",
    scale: "Échelle",
    ruler: "Définir l’échelle",
    ruler_hint: "Placez la ligne le long d’un objet de longueur connue, dans le plan de la fissure.",
    ruler_length: "Longueur réelle",
    ruler_for_all: "Aussi pour les autres photos de cette taille\u{a0}: même appareil, même distance",
    ruler_refused: "Indiquez la longueur en millimètres, par exemple 1200 ou 12,5, sans séparateur de milliers.",
    ruler_too_short: "La ligne est trop courte pour une échelle\u{a0}: placez-la le long de quelque chose de plus long sur la photo.",
    ruler_no_scale: "La ligne et cette longueur ne vont pas ensemble\u{a0}: vérifiez les deux.",
    scale_removed: "Échelle supprimée",
    left_out: "Écartées à la main",
    put_back: "Rétablir le dernier",
    leave_out_action: "Écarter",
    leave_out_all: "Écarter tout ce qui est marqué",
    uncorrects: "Un nouveau traitement fera revenir ce qui a été écarté à la main.",
    run_really: "Recalculer quand même\u{202f}?",
    ruler_set: "Appliquer",
    ruler_remove: "Supprimer l’échelle",
    photo_size: "Photo",
    worked_size: "Traitée en",
    time: "Durée",
    made_by: "Calculé par",
    run_again: "Recalculer",
    run_it_again: "La recalculer",
    run_them_again: "Les recalculer",

    view: "Affichage",
    overlay: "Superposition",
    mask: "Masque",
    heat_map: "Carte de chaleur",
    original: "Original",
    probability: "Probabilité",
    threshold: "Seuil",
    threshold_hint: "Plus bas, il marque davantage\u{202f}; plus haut, seulement le plus sûr.",
    opacity: "Opacité",
    heat_scale: "Probabilité de fissure",

    download: "Télécharger",
    table: "Tableau (CSV)",
    all_results: "Tous les résultats (ZIP)",
    exporting: "Écriture…",
    exported_all: "L’archive est prête.",
    file_ready: |name| format!("{name} est prêt."),
    save: "Enregistrer",
    report: "Fissures sur les photos",
    report_note: "Marquées par un programme, à faire évaluer par une personne\u{a0}: il laisse passer des fissures et en marque qui n’en sont pas.",
    report_blanks: ["Ouvrage", "Inspecté par", "Remarques"],
    report_blanks_note: "Cliquez sur une ligne pour la remplir, puis imprimez la page ou enregistrez-la.",
    not_measured: "Non mesurées",
    not_examined: "Non analysée",
    photo: "Photo",

    settings: "Réglages",
    language: "Langue",
    mode: "Précision",
    native: "Normale",
    native_hint: "Examine chaque pixel de la photo, par tuiles qui se recouvrent. Si cela devait prendre des minutes, elle est d’abord réduite, puis proposée en entier.",
    thorough: "Approfondie",
    thorough_hint: "Comme «\u{a0}Normale\u{a0}», puis une seconde fois, la photo tête en bas. Prend environ deux fois plus de temps et prend moins souvent autre chose pour une fissure.",
    thorough_mode: "mode approfondi",
    space: "256 × 256",
    space_hint: "Déforme la photo en 256 × 256, comme l’original sur Hugging Face Spaces. Rapide, mais aveugle aux fissures fines. Les fissures ne sont pas mesurées.",
    backend: "Calcul sur",
    automatic: "Automatique",
    weights: "Poids",
    weights_loading: "Chargement…",
    weights_none: "Aucun",
    weights_choose: "Utiliser un autre fichier",
    weights_hint: "Un fichier .bpk ou .safetensors\u{202f}; vous pouvez aussi le déposer sur la page.",
    lite_hint: "Trouve le plus de fissures. Pour la recherche uniquement, pas pour un usage commercial.",
    open_hint: "Pour tout usage, même commercial. Entraîné sur des fissures dessinées\u{a0}: en trouve moins, et prend plus souvent du béton rugueux pour des fissures.",
    adapter: "Processeur",
    speed: "Vitesse",
    self_test: "Autotest",
    engine_failed: "Les photos ne peuvent pas encore être analysées",
    try_again: "Réessayer",
    try_gpu_again: "Réessayer avec le GPU",

    offline: "Sans réseau",
    kept_never: "Ce navigateur ne conserve pas l’application\u{202f}; elle a donc besoin du réseau pour démarrer.",
    kept_not_yet: "Enregistrement sur cet appareil, pour démarrer aussi sans réseau…",
    kept_failed: "Tout n’a pas pu être enregistré sur cet appareil\u{a0}: le réseau s’est interrompu, ou la place manque. Nouvel essai à la prochaine visite, ou au retour du réseau.",
    kept_for_good: "Prêt. Le navigateur a promis de conserver l’application et ses poids.",
    kept_for_now: "Prêt. Le navigateur peut supprimer l’application si la place vient à manquer, ou après des semaines sans utilisation.",
    work_kept: "Les photos et les résultats restent dans ce navigateur jusqu’à ce que vous les retiriez\u{202f}; ce qui a plus d’une semaine est supprimé à la visite suivante.",
    work_not_kept: "Tout ne peut pas rester dans ce navigateur\u{a0}: téléchargez ce que vous voulez garder.",
    persist: "La conserver durablement",
    persist_refused: "Le navigateur n’a rien promis. Il conserve les applications installées ou souvent utilisées.",
    install: "Installer l’application",
    install_by_hand: "Pour installer l’application\u{a0}: ouvrez le menu Partager du navigateur et choisissez «\u{a0}Sur l’écran d’accueil\u{a0}».",
    update: "Une nouvelle version est prête.",
    update_clears: "Recharger efface les photos et les résultats de cette page.",
    update_keeps: "Après le rechargement, vous pourrez rouvrir les photos et les résultats de cette page.",
    update_now: "Recharger",

    queue: "Photos",
    previous: "Photo précédente",
    next: "Photo suivante",
    clear: "Retirer",
    clear_all: "Tout retirer",
    cancel: "Annuler",
    cancel_key: "Annuler (Échap)",
    cancel_all: "Tout annuler",
    stopping: "Arrêt en cours…",
    stopped_photo: "Arrêtée. Cette photo n’a pas été analysée.",
    dismiss: "Masquer",
    show_controls: "Afficher les commandes",
    hide_controls: "Masquer les commandes",

    waiting: "En attente",
    waiting_turn: "En attente de son tour",
    working: "En cours",
    done: "Terminée",
    done_and_corrected: "Terminée, corrigée à la main",
    stopped: "Arrêtée",
    failed: "Échec",

    stage_program: "Chargement du programme",
    stage_weights: "Chargement des poids",
    stage_compiling: "Préparation et contrôle du processeur",
    stage_decoding: "Lecture de la photo",
    stage_tiles: "Recherche des fissures",

    left_over: |count, when| match count {
        1 => format!("Une photo est encore là, du {when}."),
        _ => format!("{count} photos sont encore là, la dernière du {when}."),
    },
    show_crack: |number| format!("Montrer la fissure {number} sur la photo"),
    leave_out: |number| format!("Ce n’est pas une fissure\u{a0}: écarter la {number}"),
    announce_left_out: |number, all| {
        format!("La fissure {number} est écartée\u{202f}; écartées en tout\u{a0}: {all}.")
    },
    announce_all_left_out: |all| {
        format!("Tout ce qui était marqué est écarté\u{202f}; écartées en tout\u{a0}: {all}.")
    },
    announce_specks_left_out: |all| {
        format!("Les petites marques sont écartées\u{202f}; écartées en tout\u{a0}: {all}.")
    },
    specks: |count, shortest| match count {
        1 => format!("Une marque de moins de {shortest} est colorée, mais pas dans la liste."),
        _ => {
            format!("{count} marques de moins de {shortest} sont colorées, mais pas dans la liste.")
        }
    },
    announce_put_back: |left| {
        format!(
            "Ce qui a été écarté en dernier est de retour\u{202f}; encore écartées\u{a0}: {left}."
        )
    },
    more_cracks: |count| match count {
        1 => "Une autre, plus courte, ne figure que dans le tableau (CSV).".to_owned(),
        _ => format!("{count} autres, plus courtes, ne figurent que dans le tableau (CSV)."),
    },
    ruler_end: |number| format!("Extrémité {number} de la ligne\u{202f}; les flèches la déplacent"),
    for_photos: |count| format!("pour {count} photos"),
    crack_label: |number, length, width| {
        format!("{number}\u{a0}: {length} de long, {width} de large")
    },
    width_up_to: |mean, most| format!("{mean}, jusqu’à {most}"),
    width_hint: |least| {
        format!(
            "La largeur est mesurée perpendiculairement à la fissure, à un pixel près environ. En dessous de {least}, elle est incertaine."
        )
    },
    short_marks: |shortest| {
        format!(
            "Rien de ce qui est marqué ne s’étend sur {shortest}, le minimum pour être mesuré comme une fissure."
        )
    },
    collecting: |done, total| format!("Étape {} sur {total}…", done + 1),
    clear_really: |count| match count {
        1 => "Retirer cette photo\u{202f}?".to_owned(),
        _ => format!("Retirer {count} photos\u{202f}?"),
    },
    weights_named: |name, width| format!("{name}, largeur {width}"),
    a_megapixel: |time| format!("{time} par mégapixel"),
    agreement: |difference| format!("GPU et CPU concordent à {difference} près"),
    coming_weights: |file| format!("{file} sera utilisé après la photo en cours."),
    reset_to: |threshold| format!("Revenir à {threshold}"),
    outdated: |is_shown, others| match (is_shown, others) {
        (true, 0) => "Les réglages ont changé depuis.".to_owned(),
        (true, 1) => "Cette photo et une autre ont été traitées avec d’autres réglages.".to_owned(),
        (true, _) => {
            format!("Cette photo et {others} autres ont été traitées avec d’autres réglages.")
        }
        (false, 1) => "Une autre photo a été traitée avec d’autres réglages.".to_owned(),
        (false, _) => format!("{others} autres photos ont été traitées avec d’autres réglages."),
    },
    weights_stay: |weights| format!("Les poids «\u{a0}{weights}\u{a0}» restent utilisés."),
    about_time: |time| format!("environ {time}"),
    worked_at_share: |share| {
        format!(
            "Traitée à {share} de la taille de la photo, pour que ce ne soit pas long sur cet appareil. Des fissures plus fines peuvent manquer."
        )
    },
    working_at_share: |share, full| {
        format!(
            "À {share} de la taille de la photo\u{202f}; en pleine résolution, il faudrait {full}."
        )
    },
    run_full_in: |about| format!("Calculer en pleine résolution ({about})"),
    made_by_weights: |backend, weights| format!("{backend}, poids «\u{a0}{weights}\u{a0}»"),
    of_total: |part, total| format!("{part} sur {total}"),
    tile: |number, total, left| format!("Tuile {number} sur {total}, encore {left}"),
    card_of: |name, number, of, phase, is_outdated| {
        let outdated = if is_outdated {
            ", avec d’autres réglages"
        } else {
            ""
        };
        format!("{name}, photo {number} sur {of}\u{a0}: {phase}{outdated}")
    },
    remove: |name| format!("Retirer {name}"),
    place: |number, of, in_work| match in_work {
        0 => format!("{number} sur {of}"),
        _ => format!("{number} sur {of} · {in_work} à traiter"),
    },
    announce_again: |others| match others {
        1 => "Une autre photo est de nouveau en cours de traitement.".to_owned(),
        _ => format!("{others} autres photos sont de nouveau en cours de traitement."),
    },
    // One and none are singular.
    queue_finished: |done, stopped, failed| {
        let plural = |count| if count > 1 { "s" } else { "" };
        let mut words = format!(
            "Toutes les photos sont traitées\u{a0}: {done} terminée{}",
            plural(done)
        );
        if stopped > 0 {
            words += &format!(", {stopped} arrêtée{}", plural(stopped));
        }
        if failed > 0 {
            words += &format!(", {failed} en échec");
        }
        words + "."
    },
    announce_removed: |name, left| match left {
        0 | 1 => format!("{name} retirée, reste {left} photo."),
        _ => format!("{name} retirée, restent {left} photos."),
    },
    ready_on: |backend| format!("Prêt, sur {backend}."),
    and_more: |names, more| format!("{names} et {more} autres"),
    notice: |name, message| format!("{name}\u{a0}: {message}"),
    pixels: |size| format!("{size} pixels"),
    share_found: |share| format!("{share} de la surface marquée comme fissure."),
    share_shown: |share, threshold, view| {
        format!(
            "{share} de la surface marquée comme fissure au seuil {threshold}. Affichage\u{a0}: {view}."
        )
    },
    reason: |backend, reason| match (reason, backend) {
        (Reason::Chosen, Backend::Cpu) => "Le CPU a été choisi.",
        (Reason::Chosen, Backend::WebGpu | Backend::WebGpuF16) => {
            "WebGPU a été choisi et concorde avec le CPU."
        }
        (Reason::Faster, Backend::Cpu) => "Le CPU est plus rapide que ce GPU.",
        (Reason::Faster, Backend::WebGpu | Backend::WebGpuF16) => {
            "WebGPU concorde avec le CPU et est plus rapide."
        }
        (Reason::SoftwareGpu, _) => {
            "Ici, WebGPU est émulé par logiciel, plus lentement que le CPU lui-même."
        }
        (Reason::NoWebGpu, _) => {
            "Ce navigateur n’a pas WebGPU. Le CPU fait le même travail, plus lentement."
        }
        (Reason::NoAdapter, _) => {
            "WebGPU ne trouve ici aucun GPU qui convienne. Le CPU fait le même travail, plus lentement."
        }
        (Reason::GpuFailed, _) => {
            "Le GPU n’a pas pu démarrer. Le CPU fait le même travail, plus lentement."
        }
        (Reason::SmallGpu, _) => {
            "Ces poids sont trop volumineux pour ce GPU. Le CPU fait le même travail, plus lentement."
        }
        (Reason::WrongGpu, _) => {
            "Le GPU donne ici des résultats faux et n’est pas utilisé. Mettre à jour le navigateur ou le pilote graphique peut aider."
        }
        (Reason::LostGpu, _) => "Le GPU ne répond plus\u{202f}; le CPU fait son travail.",
        (Reason::Recovered, _) => {
            "Le calcul s’est arrêté de façon inattendue et a repris sur le CPU."
        }
    },
    cause,
};

fn cause(cause: &Cause) -> String {
    match cause {
        Cause::Photo(error) => photo(error),
        Cause::Weights(error) => weights(error),
        Cause::ServedWeights(error) => format!(
            "Les poids de cette page sont inutilisables\u{202f}; prévenez son responsable. {}",
            weights(error)
        ),
        Cause::Fetch(error) => fetch(error),
        Cause::Device(error) => device(error),
        Cause::Unreadable => "Le fichier n’est plus lisible. Il a peut-être été déplacé ou supprimé\u{a0}: ajoutez-le de nouveau.".to_owned(),
        Cause::NotStarted => "Le calcul n’a pas démarré, aucune photo ne peut donc être analysée. Rechargez la page.".to_owned(),
        Cause::NoRoom => "Ce navigateur n’a plus de place pour le résultat. Retirez quelques photos et recalculez.".to_owned(),
        Cause::Incomplete => "Le résultat est incomplet. Recalculez la photo.".to_owned(),
        Cause::NotWritten(detail) => format!("L’image n’a pas pu être écrite en PNG ({detail}). Retirez quelques photos et réessayez."),
        Cause::StoppedTwice(detail) => format!(
            "Le calcul s’est arrêté deux fois de façon inattendue ({detail}). Réessayez, si besoin avec une photo plus petite."
        ),
        Cause::NotLoaded(detail) => format!(
            "Le programme n’a pas pu être chargé ({detail}). Vérifiez la connexion et réessayez."
        ),
        Cause::NoWorker(detail) => format!(
            "Ce navigateur ne peut pas démarrer le calcul ({detail}). Mettez-le à jour ou essayez-en un autre."
        ),
    }
}

fn photo(error: &DecodeError) -> String {
    let file = |format: &PhotoFormat| match format {
        PhotoFormat::Other => "Ce fichier image".to_owned(),
        format => format!("Ce fichier {format}"),
    };
    match error {
        DecodeError::Empty => "Ce fichier est vide. Choisissez une autre photo.".to_owned(),
        DecodeError::NotAnImage => "Ce n’est pas une image lisible. Choisissez un fichier PNG, JPEG, WebP, BMP, TIFF ou GIF.".to_owned(),
        DecodeError::NeedsBrowser(format) => format!(
            "C’est une photo {format}, que ce navigateur ne sait pas lire. Enregistrez-la en JPEG ou PNG, ou réglez l’appareil photo sur JPEG (sur un iPhone\u{a0}: Réglages, Appareil photo, Formats, Le plus compatible)."
        ),
        DecodeError::Unsupported { format, fault } => format!(
            "{} ne peut pas être lu\u{a0}: {}. Enregistrez-le en PNG ou JPEG et réessayez.",
            file(format),
            self::fault(fault)
        ),
        DecodeError::Broken { format, fault } => format!(
            "{} est endommagé ou incomplet\u{a0}: {}. Copiez-le ou téléchargez-le de nouveau.",
            file(format),
            self::fault(fault)
        ),
        DecodeError::TooMuchMemory => "Cette photo demande plus de mémoire qu’il n’y en a ici. Réduisez-la ou recadrez-la sur l’essentiel.".to_owned(),
        DecodeError::TooLarge { width, height } => format!(
            "Cette photo est trop grande\u{a0}: {width} × {height} pixels, {} millions au plus sont possibles, et {MAX_SIDE} par côté. Réduisez-la ou recadrez-la sur l’essentiel.",
            MAX_PIXELS / 1_000_000
        ),
    }
}

fn fault(fault: &Fault) -> Cow<'_, str> {
    match fault {
        Fault::Animation => "c’est une animation".into(),
        Fault::CutOff => "la fin manque".into(),
        Fault::NoPixels => "il n’a aucun pixel".into(),
        Fault::Misfit => "ses pixels ne correspondent pas à sa taille".into(),
        Fault::Told(text) => format!("le décodeur signale «\u{a0}{text}\u{a0}»").into(),
    }
}

fn weights(error: &WeightsError) -> String {
    match error {
        WeightsError::UnknownFormat => "Ce n’est pas un fichier de poids. Choisissez un fichier .bpk ou .safetensors\u{202f}; un fichier .pth de PyTorch doit d’abord être converti, comme l’indique le README du projet.".to_owned(),
        WeightsError::Damaged(detail) => format!(
            "Le fichier de poids est illisible ({detail}). Téléchargez-le ou convertissez-le de nouveau."
        ),
        WeightsError::Io(detail) => format!("Le fichier de poids est inaccessible ({detail}). Vérifiez son nom et que vous pouvez le lire."),
        WeightsError::TooLarge => "Ce fichier est trop grand pour être lu ici. Un fichier de poids fait quelques mégaoctets\u{a0}: choisissez un autre fichier.".to_owned(),
        WeightsError::NotThisNetwork(tensor) => format!(
            "Ce ne sont pas les poids d’un Attention U-Net\u{a0}: le tenseur «\u{a0}{tensor}\u{a0}» manque ou a une forme inattendue. Choisissez un autre fichier."
        ),
        WeightsError::Mismatch { width, mismatch: found } => format!(
            "Les poids ne conviennent pas à un Attention U-Net de largeur {width}.{} Choisissez un autre fichier.",
            mismatch(&WORDS, found, ["Manquants", "Inattendus", "Inadaptés"])
        ),
    }
}

fn fetch(error: &FetchError) -> String {
    match error {
        FetchError::Unreachable(detail) => format!(
            "Les poids ne peuvent pas être chargés ({detail}). Vérifiez la connexion et réessayez. Si cela n’y fait rien, prévenez le responsable de ce site\u{a0}: leur adresse est peut-être fausse, ou leur serveur n’autorise pas cette page à les lire."
        ),
        FetchError::Refused { status, url } => format!(
            "Les poids ne peuvent pas être chargés\u{a0}: le serveur répond {status} pour {url}. Réessayez plus tard\u{202f}; si cela persiste, prévenez le responsable de ce site."
        ),
        FetchError::Manifest(detail) => format!(
            "La liste des poids est illisible ({detail}). Prévenez le responsable de ce site."
        ),
        FetchError::TooLarge => "Le fichier de poids est plus volumineux qu’annoncé. Prévenez le responsable de ce site.".to_owned(),
        FetchError::NoMemory => "Les poids demandent plus de mémoire qu’il n’y en a ici. Fermez d’autres pages et réessayez.".to_owned(),
        FetchError::Damaged => "Les poids sont arrivés endommagés. Réessayez\u{202f}; si cela persiste, prévenez le responsable de ce site.".to_owned(),
    }
}

fn device(error: &DeviceError) -> String {
    match error {
        DeviceError::Unavailable(why) => {
            let why = match why {
                NoGpu::NoWebGpu => "ce navigateur n’a pas WebGPU",
                NoGpu::NoAdapter => "WebGPU n’en trouve pas qui convienne",
                NoGpu::Refused => "il a refusé de démarrer",
                NoGpu::TooSmall => "ces poids sont trop volumineux pour lui",
                NoGpu::NotStarted => "WebGPU n’a pas pu démarrer",
            };
            format!(
                "Aucun GPU n’est disponible pour cette page ({why}). Le CPU fait le même travail, plus lentement."
            )
        }
        DeviceError::Wrong { difference } => format!(
            "Le GPU donne ici des résultats faux (écart de probabilité de {}) et n’est pas utilisé. Mettre à jour le navigateur ou le pilote graphique peut aider.",
            WORDS.number((*difference).into(), 3)
        ),
        DeviceError::Lost(detail) => {
            format!("Le GPU a été perdu ({detail}). Réessayez, ou passez au CPU.")
        }
    }
}
