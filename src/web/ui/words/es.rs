//! Spanish.

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

    ready: "Listo para recibir fotos.",
    starting: "Iniciando",
    not_running: "Detenido",
    privacy: "Las fotos nunca salen de este dispositivo. Las marcas ayudan a mirar; no son un dictamen.",

    empty_title: "Encontrar fisuras en una foto de hormigón",
    empty_hint: "Arrastre o pegue fotos aquí, o elíjalas.",
    choose: "Elegir fotos",
    take: "Hacer una foto",
    paste: "Pegar",
    paste_refused: "El navegador no ha dejado que la página lea el portapapeles. Pulse Ctrl+V (o ⌘V) en su lugar.",
    paste_nothing: "No hay ninguna imagen en el portapapeles.",
    add: "Añadir fotos",
    examples: "O probar un ejemplo",
    example_names: ["Losa", "Muro", "Fisuras finas"],
    example_failed: "No se ha podido cargar el ejemplo. Compruebe la conexión e inténtelo de nuevo.",
    source_failed: "No se ha podido cargar la foto. Puede que su dirección sea incorrecta o que su servidor no permita a esta página cargarla.",
    shared_failed: "No se ha podido recibir lo compartido: no es una imagen o no hay espacio en el dispositivo. Elija la foto aquí.",
    left_over_failed: "No se ha podido leer todo.",
    left_over_elsewhere: "Algunas de estas fotos están abiertas en otra pestaña.",
    open: "Abrir",
    delete: "Eliminar",
    deleted: "Eliminado.",
    dropped_folder: "Es una carpeta. Ábrala y elija las fotos que contiene.",
    drop: "Suelte fotos o un archivo de pesos",

    stage_keys: "Las flechas mueven la foto, más y menos cambian el zoom, 0 la muestra entera.",
    stage_role: "visor de fotos",
    tools: "Zoom y comparación",
    zoom_in: "Ampliar",
    zoom_out: "Reducir",
    zoom_fit: "Mostrar toda la foto",
    compare: "Comparar con la foto",
    compare_line: "Línea entre la foto y el resultado",

    panel: "Resultado y ajustes",
    result: "Resultado",
    share_label: "superficie marcada como fisura",
    cracks: "Fisuras",
    no_cracks: "Ninguna",
    length: "Longitud",
    width: "Ancho",
    measuring: "Midiendo…",
    each_crack: "Fisura por fisura",
    number: "N.º",
    mean_width: "Ancho medio",
    max_width: "Ancho máximo",
    scale: "Escala",
    ruler: "Fijar la escala",
    ruler_hint: "Coloque la línea a lo largo de algo cuya longitud conozca, en el plano de la fisura.",
    ruler_length: "Longitud real",
    ruler_for_all: "También para las demás fotos de este tamaño: misma cámara, misma distancia",
    ruler_refused: "Indique la longitud en milímetros, por ejemplo 1200 o 12,5, sin separador de miles.",
    ruler_too_short: "La línea es demasiado corta para una escala: póngala sobre algo más largo en la foto.",
    ruler_no_scale: "La línea y esta longitud no concuerdan: compruebe ambas.",
    scale_removed: "Escala quitada",
    left_out: "Descartadas a mano",
    put_back: "Restaurar lo último",
    leave_out_action: "Descartar",
    leave_out_all: "Descartar todo lo marcado",
    uncorrects: "Si se procesa de nuevo, volverá lo descartado a mano.",
    run_really: "¿Recalcular de todos modos?",
    ruler_set: "Aplicar",
    ruler_remove: "Quitar escala",
    photo_size: "Foto",
    worked_size: "Procesada a",
    time: "Tiempo",
    made_by: "Calculado con",
    run_again: "Recalcular",
    run_it_again: "Recalcularla",
    run_them_again: "Recalcularlas",

    view: "Vista",
    overlay: "Superpuesta",
    mask: "Máscara",
    heat_map: "Mapa de calor",
    original: "Original",
    probability: "Probabilidad",
    threshold: "Umbral",
    threshold_hint: "Más bajo marca más; más alto, solo lo más seguro.",
    opacity: "Opacidad",
    heat_scale: "Probabilidad de fisura",

    download: "Descargar",
    table: "Tabla (CSV)",
    all_results: "Todos los resultados (ZIP)",
    exporting: "Escribiendo…",
    exported_all: "El archivo comprimido está listo.",
    file_ready: |name| format!("{name} está listo."),
    save: "Guardar",
    report: "Fisuras en fotos",
    report_note: "Marcadas por un programa, para que las juzgue una persona: pasa por alto fisuras y marca cosas que no lo son.",
    report_blanks: ["Objeto", "Inspeccionado por", "Observaciones"],
    report_blanks_note: "Pulse una línea para escribir en ella; después imprima la página o guárdela.",
    not_measured: "Sin medir",
    not_examined: "Sin analizar",
    photo: "Foto",

    settings: "Ajustes",
    language: "Idioma",
    mode: "Precisión",
    native: "Normal",
    native_hint: "Examina cada píxel de la foto, por teselas que se solapan. Si eso llevara minutos, primero la reduce y después la ofrece completa.",
    thorough: "Minuciosa",
    thorough_hint: "Como «Normal», y otra vez con la foto cabeza abajo. Tarda más o menos el doble y toma menos veces otra cosa por una fisura.",
    thorough_mode: "modo minucioso",
    space: "256 × 256",
    space_hint: "Deforma la foto a 256 × 256, como el original en Hugging Face Spaces. Rápido, pero ciego a las fisuras finas. Las fisuras no se miden.",
    backend: "Se ejecuta en",
    automatic: "Automático",
    weights: "Pesos",
    weights_loading: "Cargando…",
    weights_none: "Ninguno",
    weights_choose: "Usar otro archivo",
    weights_hint: "Un archivo .bpk o .safetensors; también puede soltarlo sobre la página.",
    lite_hint: "Es el que más fisuras encuentra. Solo para investigación, no para uso comercial.",
    open_hint: "Para cualquier uso, también comercial. Entrenado con fisuras dibujadas: encuentra menos y toma más a menudo hormigón rugoso por fisuras.",
    adapter: "Procesador",
    speed: "Velocidad",
    self_test: "Autocomprobación",
    engine_failed: "Aún no se pueden analizar fotos",
    try_again: "Reintentar",
    try_gpu_again: "Probar la GPU de nuevo",

    offline: "Sin red",
    kept_never: "Este navegador no guarda la aplicación, así que necesita la red para iniciarse.",
    kept_not_yet: "Guardándose en este dispositivo, para iniciarse también sin red…",
    kept_failed: "No se ha podido guardar todo en este dispositivo: la red se cortó o falta espacio. Se intentará de nuevo en la próxima visita o cuando vuelva la red.",
    kept_for_good: "Listo. El navegador ha prometido conservar la aplicación y sus pesos.",
    kept_for_now: "Listo. El navegador puede eliminar la aplicación si falta espacio, o tras semanas sin uso.",
    work_kept: "Las fotos y los resultados se quedan en este navegador hasta que los quite; lo que tiene más de una semana se elimina en la próxima visita.",
    work_not_kept: "No todo puede quedarse en este navegador: descargue lo que quiera conservar.",
    persist: "Conservarla siempre",
    persist_refused: "El navegador no ha prometido nada. Conserva las aplicaciones instaladas o de uso frecuente.",
    install: "Instalar la aplicación",
    install_by_hand: "Para instalar la aplicación: abra el menú Compartir del navegador y elija «Añadir a pantalla de inicio».",
    update: "Hay una nueva versión lista.",
    update_clears: "Al recargar se pierden las fotos y los resultados de esta página.",
    update_keeps: "Tras recargar podrá volver a abrir las fotos y los resultados de esta página.",
    update_now: "Recargar",

    queue: "Fotos",
    previous: "Foto anterior",
    next: "Foto siguiente",
    clear: "Quitar",
    clear_all: "Quitar todas",
    cancel: "Cancelar",
    cancel_key: "Cancelar (Esc)",
    cancel_all: "Cancelar todo",
    stopping: "Deteniendo…",
    stopped_photo: "Detenida. Esta foto no se ha analizado.",
    dismiss: "Ocultar",
    show_controls: "Mostrar los controles",
    hide_controls: "Ocultar los controles",

    waiting: "En espera",
    waiting_turn: "Esperando su turno",
    working: "En curso",
    done: "Terminada",
    done_and_corrected: "Terminada, corregida a mano",
    stopped: "Detenida",
    failed: "Con error",

    stage_program: "Cargando el programa",
    stage_weights: "Cargando los pesos",
    stage_compiling: "Preparando y comprobando el procesador",
    stage_decoding: "Leyendo la foto",
    stage_tiles: "Buscando fisuras",

    left_over: |count, when| match count {
        1 => format!("Todavía hay una foto, del {when}."),
        _ => format!("Todavía hay {count} fotos, la última del {when}."),
    },
    show_crack: |number| format!("Mostrar la fisura {number} en la foto"),
    leave_out: |number| format!("No es una fisura: descartar la {number}"),
    announce_left_out: |number, all| {
        format!("Se ha descartado la fisura {number}; descartadas en total: {all}.")
    },
    announce_all_left_out: |all| {
        format!("Se ha descartado todo lo marcado; descartadas en total: {all}.")
    },
    announce_specks_left_out: |all| {
        format!("Se han descartado las marcas cortas; descartadas en total: {all}.")
    },
    specks: |count, shortest| match count {
        1 => format!("Una marca de menos de {shortest} está coloreada, pero no en la lista."),
        _ => {
            format!("{count} marcas de menos de {shortest} están coloreadas, pero no en la lista.")
        }
    },
    announce_put_back: |left| {
        format!("Lo último que se descartó ha vuelto; aún descartadas: {left}.")
    },
    more_cracks: |count| match count {
        1 => "Otra, más corta, figura solo en la tabla (CSV).".to_owned(),
        _ => format!("Otras {count}, más cortas, figuran solo en la tabla (CSV)."),
    },
    ruler_end: |number| format!("Extremo {number} de la línea; las flechas lo mueven"),
    for_photos: |count| format!("para {count} fotos"),
    crack_label: |number, length, width| format!("{number}: {length} de largo, {width} de ancho"),
    width_up_to: |mean, most| format!("{mean}, hasta {most}"),
    width_hint: |least| {
        format!(
            "El ancho se mide en perpendicular a la fisura, con una precisión de alrededor de un píxel. Por debajo de {least} es incierto."
        )
    },
    short_marks: |shortest| {
        format!(
            "Nada de lo marcado se extiende a lo largo de {shortest}, el mínimo que se mide como fisura."
        )
    },
    collecting: |done, total| format!("Paso {} de {total}…", done + 1),
    clear_really: |count| match count {
        1 => "¿Quitar esta foto?".to_owned(),
        _ => format!("¿Quitar {count} fotos?"),
    },
    weights_named: |name, width| format!("{name}, ancho {width}"),
    a_megapixel: |time| format!("{time} por megapíxel"),
    agreement: |difference| format!("GPU y CPU coinciden con un margen de {difference}"),
    coming_weights: |file| format!("{file} se usará después de la foto en curso."),
    reset_to: |threshold| format!("Volver a {threshold}"),
    outdated: |is_shown, others| match (is_shown, others) {
        (true, 0) => "Los ajustes han cambiado desde entonces.".to_owned(),
        (true, 1) => "Esta foto y otra más se procesaron con otros ajustes.".to_owned(),
        (true, _) => format!("Esta foto y otras {others} se procesaron con otros ajustes."),
        (false, 1) => "Otra foto se procesó con otros ajustes.".to_owned(),
        (false, _) => format!("Otras {others} fotos se procesaron con otros ajustes."),
    },
    weights_stay: |weights| format!("Los pesos «{weights}» siguen en uso."),
    about_time: |time| format!("aprox. {time}"),
    worked_at_share: |share| {
        format!(
            "Procesada al {share} del tamaño de la foto, para que no tarde mucho en este dispositivo. Pueden faltar fisuras más finas."
        )
    },
    working_at_share: |share, full| {
        format!("Al {share} del tamaño de la foto; a resolución completa tardaría {full}.")
    },
    run_full_in: |about| format!("Procesar a resolución completa ({about})"),
    made_by_weights: |backend, weights| format!("{backend}, pesos «{weights}»"),
    of_total: |part, total| format!("{part} de {total}"),
    tile: |number, total, left| format!("Tesela {number} de {total}, quedan {left}"),
    card_of: |name, number, of, phase, is_outdated| {
        let outdated = if is_outdated {
            ", con otros ajustes"
        } else {
            ""
        };
        format!("{name}, foto {number} de {of}: {phase}{outdated}")
    },
    remove: |name| format!("Quitar {name}"),
    place: |number, of, in_work| match in_work {
        0 => format!("{number} de {of}"),
        _ => format!("{number} de {of} · {in_work} por procesar"),
    },
    announce_again: |others| match others {
        1 => "Se está volviendo a procesar otra foto.".to_owned(),
        _ => format!("Se están volviendo a procesar otras {others} fotos."),
    },
    queue_finished: |done, stopped, failed| {
        let plural = |count| if count == 1 { "" } else { "s" };
        let mut words = format!(
            "Todas las fotos están procesadas: {done} terminada{}",
            plural(done)
        );
        if stopped > 0 {
            words += &format!(", {stopped} detenida{}", plural(stopped));
        }
        if failed > 0 {
            words += &format!(", {failed} con error");
        }
        words + "."
    },
    announce_removed: |name, left| match left {
        1 => format!("{name} quitada, queda 1 foto."),
        _ => format!("{name} quitada, quedan {left} fotos."),
    },
    ready_on: |backend| format!("Listo, en {backend}."),
    and_more: |names, more| format!("{names} y {more} más"),
    notice: |name, message| format!("{name}: {message}"),
    pixels: |size| format!("{size} píxeles"),
    share_found: |share| format!("{share} de la superficie marcada como fisura."),
    share_shown: |share, threshold, view| {
        format!(
            "{share} de la superficie marcada como fisura con el umbral {threshold}. Vista: {view}."
        )
    },
    reason: |backend, reason| match (reason, backend) {
        (Reason::Chosen, Backend::Cpu) => "Se eligió la CPU.",
        (Reason::Chosen, Backend::WebGpu | Backend::WebGpuF16) => {
            "Se eligió WebGPU, y coincide con la CPU."
        }
        (Reason::Faster, Backend::Cpu) => "La CPU es más rápida que esta GPU.",
        (Reason::Faster, Backend::WebGpu | Backend::WebGpuF16) => {
            "WebGPU coincide con la CPU y es más rápida."
        }
        (Reason::SoftwareGpu, _) => {
            "Aquí WebGPU se emula por software, más lento que la propia CPU."
        }
        (Reason::NoWebGpu, _) => {
            "Este navegador no tiene WebGPU. La CPU hace el mismo trabajo, pero más despacio."
        }
        (Reason::NoAdapter, _) => {
            "WebGPU no encuentra aquí ninguna GPU que le sirva. La CPU hace el mismo trabajo, pero más despacio."
        }
        (Reason::GpuFailed, _) => {
            "No se pudo iniciar la GPU. La CPU hace el mismo trabajo, pero más despacio."
        }
        (Reason::SmallGpu, _) => {
            "Estos pesos son demasiado grandes para esta GPU. La CPU hace el mismo trabajo, pero más despacio."
        }
        (Reason::WrongGpu, _) => {
            "La GPU da aquí resultados erróneos y no se usa. Actualizar el navegador o el controlador gráfico puede ayudar."
        }
        (Reason::LostGpu, _) => "La GPU dejó de responder; la CPU hace su trabajo.",
        (Reason::Recovered, _) => "El cálculo se detuvo de forma inesperada y siguió en la CPU.",
    },
    cause,
};

fn cause(cause: &Cause) -> String {
    match cause {
        Cause::Photo(error) => photo(error),
        Cause::Weights(error) => weights(error),
        Cause::ServedWeights(error) => format!(
            "Los pesos de esta página no se pueden usar; avise a su responsable. {}",
            weights(error)
        ),
        Cause::Fetch(error) => fetch(error),
        Cause::Device(error) => device(error),
        Cause::Unreadable => "El archivo ya no se puede leer. Quizá se ha movido o borrado: añádalo de nuevo.".to_owned(),
        Cause::NotStarted => "El cálculo no se ha iniciado, así que no se puede analizar ninguna foto. Recargue la página.".to_owned(),
        Cause::NoRoom => "A este navegador no le queda sitio para el resultado. Quite algunas fotos y repita el análisis.".to_owned(),
        Cause::Incomplete => "El resultado está incompleto. Repita el análisis de la foto.".to_owned(),
        Cause::NotWritten(detail) => format!("No se ha podido escribir la imagen como PNG ({detail}). Quite algunas fotos e inténtelo de nuevo."),
        Cause::StoppedTwice(detail) => format!(
            "El cálculo se detuvo dos veces de forma inesperada ({detail}). Inténtelo de nuevo, o con una foto más pequeña."
        ),
        Cause::NotLoaded(detail) => format!(
            "No se ha podido cargar el programa ({detail}). Compruebe la conexión e inténtelo de nuevo."
        ),
        Cause::NoWorker(detail) => format!(
            "Este navegador no puede iniciar el cálculo ({detail}). Actualícelo o pruebe con otro."
        ),
    }
}

fn photo(error: &DecodeError) -> String {
    let file = |format: &PhotoFormat| match format {
        PhotoFormat::Other => "Este archivo de imagen".to_owned(),
        format => format!("Este archivo {format}"),
    };
    match error {
        DecodeError::Empty => "Este archivo está vacío. Elija otra foto.".to_owned(),
        DecodeError::NotAnImage => {
            "No es una imagen que se pueda leer. Elija un archivo PNG, JPEG, WebP, BMP, TIFF o GIF."
                .to_owned()
        }
        DecodeError::NeedsBrowser(format) => format!(
            "Es una foto {format}, que este navegador no puede leer. Guárdela como JPEG o PNG, o ajuste la cámara a JPEG (en un iPhone: Ajustes, Cámara, Formatos, Más compatible)."
        ),
        DecodeError::Unsupported { format, fault } => format!(
            "{} no se puede leer: {}. Guárdelo como PNG o JPEG e inténtelo de nuevo.",
            file(format),
            self::fault(fault)
        ),
        DecodeError::Broken { format, fault } => format!(
            "{} está dañado o incompleto: {}. Cópielo o descárguelo de nuevo.",
            file(format),
            self::fault(fault)
        ),
        DecodeError::TooMuchMemory => "Esta foto necesita más memoria de la que hay aquí. Redúzcala o recorte la parte que importa.".to_owned(),
        DecodeError::TooLarge { width, height } => format!(
            "Esta foto es demasiado grande: {width} × {height} píxeles; como máximo se admiten {} millones, y {MAX_SIDE} por lado. Redúzcala o recorte la parte que importa.",
            MAX_PIXELS / 1_000_000
        ),
    }
}

fn fault(fault: &Fault) -> Cow<'_, str> {
    match fault {
        Fault::Animation => "es una animación".into(),
        Fault::CutOff => "le falta el final".into(),
        Fault::NoPixels => "no tiene píxeles".into(),
        Fault::Misfit => "sus píxeles no corresponden a su tamaño".into(),
        Fault::Told(text) => format!("el decodificador indica «{text}»").into(),
    }
}

fn weights(error: &WeightsError) -> String {
    match error {
        WeightsError::UnknownFormat => "No es un archivo de pesos. Elija un archivo .bpk o .safetensors; un archivo .pth de PyTorch debe convertirse antes, como indica el README del proyecto.".to_owned(),
        WeightsError::Damaged(detail) => format!(
            "No se puede leer el archivo de pesos ({detail}). Descárguelo o conviértalo de nuevo."
        ),
        WeightsError::Io(detail) => format!("No se puede acceder al archivo de pesos ({detail}). Compruebe su nombre y que puede leerlo."),
        WeightsError::TooLarge => "Este archivo es demasiado grande para leerlo aquí. Un archivo de pesos tiene unos pocos megabytes: elija otro archivo.".to_owned(),
        WeightsError::NotThisNetwork(tensor) => format!(
            "No son pesos de una Attention U-Net: el tensor «{tensor}» falta o tiene una forma inesperada. Elija otro archivo."
        ),
        WeightsError::Mismatch { width, mismatch: found } => format!(
            "Los pesos no encajan en una Attention U-Net de ancho {width}.{} Elija otro archivo.",
            mismatch(&WORDS, found, ["Faltan", "No se esperaban", "No encajan"])
        ),
    }
}

fn fetch(error: &FetchError) -> String {
    match error {
        FetchError::Unreachable(detail) => format!(
            "No se pueden cargar los pesos ({detail}). Compruebe la conexión e inténtelo de nuevo. Si no sirve, avise al responsable de este sitio web: quizá su dirección es errónea, o su servidor no permite que esta página los lea."
        ),
        FetchError::Refused { status, url } => format!(
            "No se pueden cargar los pesos: el servidor responde {status} para {url}. Inténtelo más tarde; si continúa, avise al responsable de este sitio web."
        ),
        FetchError::Manifest(detail) => format!(
            "No se puede leer la lista de pesos ({detail}). Avise al responsable de este sitio web."
        ),
        FetchError::TooLarge => "El archivo de pesos es mayor de lo indicado. Avise al responsable de este sitio web.".to_owned(),
        FetchError::NoMemory => "Los pesos necesitan más memoria de la que hay aquí. Cierre otras páginas e inténtelo de nuevo.".to_owned(),
        FetchError::Damaged => "Los pesos han llegado dañados. Inténtelo de nuevo; si continúa, avise al responsable de este sitio web.".to_owned(),
    }
}

fn device(error: &DeviceError) -> String {
    match error {
        DeviceError::Unavailable(why) => {
            let why = match why {
                NoGpu::NoWebGpu => "este navegador no tiene WebGPU",
                NoGpu::NoAdapter => "WebGPU no encuentra ninguna que le sirva",
                NoGpu::Refused => "se negó a iniciarse",
                NoGpu::TooSmall => "estos pesos son demasiado grandes para ella",
                NoGpu::NotStarted => "WebGPU no se pudo iniciar",
            };
            format!(
                "Esta página no dispone de ninguna GPU ({why}). La CPU hace el mismo trabajo, pero más despacio."
            )
        }
        DeviceError::Wrong { difference } => format!(
            "La GPU da aquí resultados erróneos (la probabilidad difiere en {}) y no se usa. Actualizar el navegador o el controlador gráfico puede ayudar.",
            WORDS.number((*difference).into(), 3)
        ),
        DeviceError::Lost(detail) => {
            format!("Se perdió la GPU ({detail}). Inténtelo de nuevo, o cambie a la CPU.")
        }
    }
}
