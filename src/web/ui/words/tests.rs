use super::*;
use crate::failure::{DeviceError, FetchError, NoGpu, WeightsError};
use crate::measure::Crack;
use crate::photo::{BrowserFormat, DecodeError, Fault, PhotoFormat};
use crate::protocol::{FailureKind, JobId, Plan};
use crate::web::fixtures::{engine, reasons};
use crate::web::ui::tally::Tally;

const JOB: JobId = 7;

fn english() -> &'static Words {
    Words::of(Language::English)
}

fn all() -> impl Iterator<Item = (Language, &'static Words)> {
    Language::ALL
        .into_iter()
        .map(|language| (language, Words::of(language)))
}

/// A photo of 30 by 20 pixels, a quarter of which is crack.
fn photo() -> Photo {
    let mut counts = vec![0; 256];
    (counts[0], counts[255]) = (3, 1);
    let size = Size {
        width: 30,
        height: 20,
    };
    Photo {
        phase: Phase::Done,
        size: Some(size),
        outcome: Some(Outcome {
            job: JOB,
            map: size,
            tally: Tally::new(counts),
            seconds: 1.5,
            plan: Plan {
                working_scale: 0.5,
                size,
                seconds: 60.0,
                seconds_full: 240.0,
            },
            mode: Mode::Native,
            backend: Backend::WebGpu,
            weights: "lite".into(),
            weights_hash: String::new(),
            threshold: 0.4,
            cracks: None,
            left_out: 0,
            is_saved: false,
        }),
        ..Photo::new(1, "pier.jpg".into())
    }
}

/// One of each, with what must be told of it whatever the language.
fn causes() -> Vec<(Cause, &'static [&'static str])> {
    let broken = |fault| DecodeError::Broken {
        format: PhotoFormat::Png,
        fault,
    };
    let mismatch = Mismatch {
        missing: ["a.w", "b.w", "c.w", "d.w", "e.w"]
            .map(str::to_owned)
            .into(),
        extra: vec!["x.w".into()],
        unfit: vec!["s.w".into()],
    };
    let weights = |error: WeightsError| Cause::from(error);
    vec![
        (DecodeError::Empty.into(), &[]),
        (DecodeError::NotAnImage.into(), &["TIFF"]),
        (
            DecodeError::NeedsBrowser(BrowserFormat::Heic).into(),
            &["HEIC", "JPEG"],
        ),
        (
            DecodeError::Unsupported {
                format: PhotoFormat::WebP,
                fault: Fault::Animation,
            }
            .into(),
            &["WebP"],
        ),
        (broken(Fault::CutOff).into(), &["PNG"]),
        (broken(Fault::NoPixels).into(), &["PNG"]),
        (broken(Fault::Misfit).into(), &["PNG"]),
        (
            broken(Fault::Told("the decoder's own".into())).into(),
            &["PNG", "the decoder's own"],
        ),
        (DecodeError::TooMuchMemory.into(), &[]),
        (
            DecodeError::TooLarge {
                width: 90_000,
                height: 80_000,
            }
            .into(),
            &["90000", "80000", "67"],
        ),
        (weights(WeightsError::UnknownFormat), &[".safetensors"]),
        (weights(WeightsError::Damaged("torn".into())), &["torn"]),
        (weights(WeightsError::Io("gone".into())), &["gone"]),
        (weights(WeightsError::TooLarge), &[]),
        (
            weights(WeightsError::NotThisNetwork("head.weight".into())),
            &["head.weight"],
        ),
        (
            weights(WeightsError::Mismatch {
                width: 12,
                mismatch,
            }),
            &["12", "a.w", "c.w", "2", "x.w", "s.w"],
        ),
        (
            Cause::ServedWeights(WeightsError::UnknownFormat),
            &[".safetensors"],
        ),
        (FetchError::Unreachable("no net".into()).into(), &["no net"]),
        (
            FetchError::Refused {
                status: 404,
                url: "https://x.example/w.bpk".into(),
            }
            .into(),
            &["404", "https://x.example/w.bpk"],
        ),
        (FetchError::Manifest("empty".into()).into(), &["empty"]),
        (FetchError::Damaged.into(), &[]),
        (FetchError::TooLarge.into(), &[]),
        (FetchError::NoMemory.into(), &[]),
        (
            DeviceError::Unavailable(NoGpu::NoWebGpu).into(),
            &["GPU", "CPU"],
        ),
        (
            DeviceError::Unavailable(NoGpu::NoAdapter).into(),
            &["GPU", "CPU"],
        ),
        (
            DeviceError::Unavailable(NoGpu::Refused).into(),
            &["GPU", "CPU"],
        ),
        (
            DeviceError::Unavailable(NoGpu::TooSmall).into(),
            &["GPU", "CPU"],
        ),
        (
            DeviceError::Unavailable(NoGpu::NotStarted).into(),
            &["GPU", "CPU"],
        ),
        (DeviceError::Wrong { difference: 0.25 }.into(), &["250"]),
        (DeviceError::Lost("reset".into()).into(), &["reset", "CPU"]),
        (Cause::Unreadable, &[]),
        (Cause::NotStarted, &[]),
        (Cause::NoRoom, &[]),
        (Cause::Incomplete, &[]),
        (Cause::NotWritten("full".into()), &["PNG", "full"]),
        (Cause::StoppedTwice("trap".into()), &["trap"]),
        (Cause::NotLoaded("offline".into()), &["offline"]),
        (Cause::NoWorker("forbidden".into()), &["forbidden"]),
    ]
}

/// A sentence in each language, with what must stand in it.
#[track_caller]
fn expect(sentence: impl Fn(&Words) -> String, parts: &[&str]) {
    let source = sentence(english());
    for (language, words) in all() {
        let told = sentence(words);
        for part in parts {
            assert!(told.contains(part), "{language:?}: {told}, without {part}");
        }
        assert!(
            language == Language::English || told != source,
            "{language:?} says in English: {told}"
        );
    }
}

#[test]
fn every_failure_is_told_in_every_language() {
    for (cause, parts) in causes() {
        expect(|words| (words.cause)(&cause), parts);
        let of_file = Failure {
            kind: FailureKind::OtherWeights,
            file: Some("my.bpk".into()),
            cause: cause.clone(),
        };
        expect(|words| words.failure(&of_file), &["my.bpk"]);
        // What programs are told is what an English person reads.
        assert_eq!(english().failure(&of_file), of_file.to_string());
    }
}

#[test]
fn every_reason_is_told_in_every_language() {
    for reason in reasons() {
        for backend in [Backend::Cpu, Backend::WebGpu, Backend::WebGpuF16] {
            expect(|words| (words.reason)(backend, reason).to_owned(), &[]);
        }
    }
}

#[test]
fn sentences_have_all_that_they_are_given() {
    let photo = photo();
    let Some(outcome) = photo.outcome.clone() else {
        unreachable!("it has one");
    };
    let engine = engine(Backend::Cpu);
    expect(|words| (words.clear_really)(12), &["12"]);
    expect(|words| (words.left_over)(12, "noon"), &["12", "noon"]);
    expect(|words| (words.collecting)(3, 12), &["4", "12"]);
    expect(|words| (words.ruler_end)(2), &["2"]);
    expect(|words| (words.show_crack)(3), &["3"]);
    expect(|words| (words.more_cracks)(12), &["12"]);
    expect(|words| (words.leave_out)(4), &["4"]);
    expect(|words| (words.announce_left_out)(4, 12), &["4", "12"]);
    expect(|words| (words.announce_put_back)(3), &["3"]);
    expect(|words| (words.announce_all_left_out)(12), &["12"]);
    expect(|words| (words.announce_specks_left_out)(12), &["12"]);
    for count in [1, 12] {
        let told = if count == 1 {
            &["16 px"][..]
        } else {
            &["12", "16 px"]
        };
        expect(|words| (words.specks)(count, "16 px"), told);
    }
    expect(
        |words| (words.width_up_to)("3 px", "7 px"),
        &["3 px", "7 px"],
    );
    expect(|words| words.weights_of(&engine), &["lite", "16"]);
    expect(|words| words.speed_of(75.0), &["75\u{a0}s"]);
    expect(|words| words.self_test_gave(0.5), &["5000", "GPU", "CPU"]);
    expect(|words| (words.coming_weights)("w.bpk"), &["w.bpk"]);
    expect(|words| words.reset(0.37), &["37"]);
    expect(|words| (words.weights_stay)("lite"), &["lite"]);
    expect(|words| words.about(300.0), &["5\u{a0}min"]);
    expect(|words| words.worked_at(&outcome), &["50"]);
    expect(|words| words.working_at(0.25, 300.0), &["25", "5\u{a0}min"]);
    expect(|words| words.run_full(300.0), &["5\u{a0}min"]);
    expect(|words| words.made_by_of(&outcome), &["WebGPU", "lite"]);
    let thorough = Outcome {
        mode: Mode::Thorough,
        ..outcome.clone()
    };
    for (_, words) in all() {
        let by = words.made_by_of(&thorough);
        assert!(by.ends_with(words.thorough_mode), "{by}");
    }
    let tiles = Stage::Tiles {
        done: 0,
        total: 12,
        seconds_left: 20.0,
    };
    expect(
        |words| words.stage_detail(Some(tiles)),
        &["1", "12", "20\u{a0}s"],
    );
    let weights = Stage::Weights {
        loaded: 2_000_000,
        total: Some(4_000_000),
    };
    expect(|words| words.stage_detail(Some(weights)), &["2", "4"]);
    expect(
        |words| words.card(&photo, true, 2, 9),
        &["pier.jpg", "2", "9"],
    );
    expect(|words| (words.remove)("pier.jpg"), &["pier.jpg"]);
    expect(|words| (words.place)(2, 9, 4), &["2", "9", "4"]);
    for left in [1, 5] {
        let number = left.to_string();
        expect(
            |words| (words.announce_removed)("pier.jpg", left),
            &["pier.jpg", &number],
        );
    }
    expect(|words| words.announce_engine(&engine), &["CPU"]);
    expect(
        |words| words.announce_done(&photo, &outcome, 0.5),
        &["pier.jpg", "25"],
    );
    expect(
        |words| words.stage_summary(&photo, View::Mask, 0.5),
        &["pier.jpg", "30 × 20", "25", "50"],
    );
    expect(|words| (words.queue_finished)(8, 3, 2), &["8", "3", "2"]);
    for (is_shown, others) in [(true, 0), (true, 1), (false, 1)] {
        expect(|words| (words.outdated)(is_shown, others), &[]);
    }
    for is_shown in [true, false] {
        expect(|words| (words.outdated)(is_shown, 6), &["6"]);
    }
}

#[test]
fn numbers_are_written_as_the_language_does() {
    for (language, share, seconds, threshold) in [
        (Language::English, "2.37%", "3.5\u{a0}s", "0.50"),
        (Language::German, "2,37\u{a0}%", "3,5\u{a0}s", "0,50"),
        (Language::French, "2,37\u{202f}%", "3,5\u{a0}s", "0,50"),
        (Language::Spanish, "2,37\u{a0}%", "3,5\u{a0}s", "0,50"),
    ] {
        let words = Words::of(language);
        assert_eq!(words.percent(0.0237), share);
        assert_eq!(words.seconds(3.5), seconds);
        assert_eq!(words.threshold_value(0.5), threshold);
    }
    let weights = Stage::Weights {
        loaded: 1_500_000,
        total: Some(4_100_000),
    };
    let detail = Words::of(Language::French).stage_detail(Some(weights));
    assert_eq!(detail, "1,5 sur 4,1\u{a0}Mo");
}

#[test]
fn one_and_many_are_told_apart() {
    let told = |language, counts: (usize, usize, usize)| {
        (Words::of(language).queue_finished)(counts.0, counts.1, counts.2)
    };
    assert_eq!(
        told(Language::English, (2, 0, 1)),
        "The queue is finished: 2 done, 1 failed."
    );
    assert_eq!(
        told(Language::German, (2, 0, 1)),
        "Alle Fotos sind bearbeitet: 2 fertig, 1 fehlgeschlagen."
    );
    let more = |count| (english().more_cracks)(count);
    assert_eq!(more(1), "One shorter crack is only in the table (CSV).");
    assert_eq!(more(2), "2 shorter ones are only in the table (CSV).");
    // None is singular in French, plural in Spanish.
    assert_eq!(
        told(Language::French, (0, 2, 0)),
        "Toutes les photos sont traitées\u{a0}: 0 terminée, 2 arrêtées."
    );
    assert_eq!(
        told(Language::Spanish, (0, 1, 0)),
        "Todas las fotos están procesadas: 0 terminadas, 1 detenida."
    );
}

#[test]
fn lengths_are_told_in_pixels_or_as_the_scale_has_them() {
    let (half, pixels) = (Scale::of_length(2.0, 1.0), [0.5, 3.0, 9.9, 250.4, 4000.0]);
    let told =
        |scale| pixels.map(|pixels| english().length_of(pixels, scale).replace('\u{a0}', " "));
    assert_eq!(
        told(None),
        ["0.5 px", "3 px", "9.9 px", "250 px", "4000 px"]
    );
    assert_eq!(
        told(half),
        ["0.2 mm", "1.5 mm", "5.0 mm", "125 mm", "2.00 m"]
    );
    // No finer than the pixels that they are made of.
    let coarse = Scale::of_length(1.0, 1.1);
    assert_eq!(told(coarse), ["1 mm", "3 mm", "11 mm", "275 mm", "4.40 m"]);
    let cracks = Measurements {
        cracks: vec![Crack {
            length: 40.0,
            mean_width: 2.25,
            max_width: 6.5,
            widest: [0.0; 2],
            area: 100,
            start: [0; 2],
            bounds: [0; 4],
            direction: None,
        }],
        specks: 0,
    };
    expect(
        |words| words.width_of(&cracks, None).unwrap_or_default(),
        &["px"],
    );
    let width = english().width_of(&cracks, None).unwrap_or_default();
    assert_eq!(width.replace('\u{a0}', " "), "2.2 px, up to 6.5 px");
    assert_eq!(english().width_of(&Measurements::default(), None), None);
    let photo = photo();
    let hint = |scale| {
        let Some(outcome) = &photo.outcome else {
            unreachable!("it has one");
        };
        english()
            .width_hint_of(outcome, scale)
            .replace('\u{a0}', " ")
    };
    // At half of the photo's size each pixel that the network saw is two of the photo's.
    assert!(hint(None).contains("6 px") && hint(half).contains("3.0 mm"));

    let Some(outcome) = &photo.outcome else {
        unreachable!("it has one");
    };
    let why = |threshold| english().no_cracks_hint(outcome, threshold, half);
    assert!(why(0.5).is_some_and(|why| why.contains("8.0\u{a0}mm")));
    // Nothing is marked there.
    assert_eq!(why(1.0), None);
}

#[test]
fn shares_have_about_three_figures() {
    let shares = [0.0, 0.000_01, 0.0237, 0.5].map(|share| english().percent(share));
    assert_eq!(shares, ["0%", "< 0.01%", "2.37%", "50.0%"]);
}

#[test]
fn expected_times_are_round() {
    let times = [0.2, 7.2, 43.0, 240.0, 7200.0].map(|seconds| english().about(seconds));
    assert_eq!(
        times.map(|time| time.replace('\u{a0}', " ")),
        [
            "about 1 s",
            "about 7 s",
            "about 45 s",
            "about 4 min",
            "about 2.0 h"
        ]
    );
}

/// French puts a narrow space before a semicolon and a wide one before a colon, neither of which may break a line.
#[test]
fn french_spaces_are_where_they_belong() {
    let words = include_str!("fr.rs");
    for wrong in ["\\u{202f}:", "\\u{a0};", " ;\"", " :\"", " ; ", " : "] {
        assert!(!words.contains(wrong), "{wrong}");
    }
}

#[test]
fn of_many_names_the_first_are_told() {
    let names = |names: &[&str]| english().names(names);
    assert_eq!(names(&["a", "b", "c", "d"]), "a, b, c, d");
    assert_eq!(names(&["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
}
