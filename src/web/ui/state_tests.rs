#![allow(clippy::panic, clippy::unwrap_used, reason = "a failing test panics")]

use super::*;
use crate::measure::{Crack, Scale};
use crate::protocol::{Backend, Measurements, Plan, Reason};
use crate::web::fixtures::{engine, failure};
use crate::web::ui::ledger::Lasting;
use crate::web::ui::photo::Laid;

pub(in crate::web::ui) const SIZE: Size = Size {
    width: 4,
    height: 3,
};
const PLAN: Plan = Plan {
    working_scale: 1.0,
    size: SIZE,
    seconds: 1.0,
    seconds_full: 1.0,
};

pub(in crate::web::ui) fn ready() -> State {
    let mut state = State::default();
    state.receive(Reply::Started {
        engine: engine(Backend::Cpu),
    });
    state
}

fn add(state: &mut State, names: &[&str]) -> (Vec<PhotoId>, Vec<Effect>) {
    let ids = state.add(names.iter().map(|&name| name.to_owned()));
    (ids, state.send_next())
}

pub(in crate::web::ui) fn job_of(effects: &[Effect]) -> JobId {
    match effects {
        [.., Effect::Segment { job, .. }] => *job,
        other => unreachable!("no job was sent: {other:?}"),
    }
}

/// Lets the job in hand succeed; gives back what follows.
pub(in crate::web::ui) fn succeed(state: &mut State, job: JobId) -> Vec<Effect> {
    state.receive(Reply::Decoded {
        job,
        photo: SIZE,
        plan: PLAN,
    });
    state.receive(Reply::Segmented {
        job,
        map: SIZE,
        seconds: 1.0,
        counts: vec![12],
    })
}

fn noticed(state: &State) -> Vec<PhotoId> {
    state.notices().map(|(photo, _)| photo.id).collect()
}

#[test]
fn photos_of_an_earlier_visit_keep_their_results_and_the_rest_waits() {
    let mut state = ready();
    let (_, effects) = add(&mut state, &["done.jpg"]);
    let before = job_of(&effects);
    succeed(&mut state, before);
    let kept = Lasting::of(&state.photos[0], None).into_photo();
    let kept = [kept, Photo::new(0, "new.jpg".into())];
    state.clear();

    let ids = state.enqueue(kept);
    let job = job_of(&state.send_next());
    assert_eq!(state.photo_of(job), Some(ids[1]));
    assert_eq!(state.shown, Some(ids[0]));
    let done = state.photo(ids[0]).unwrap();
    assert_eq!(
        (&done.phase, done.name.as_str()),
        (&Phase::Done, "done.jpg")
    );
    // What is still under way for the job of before is not this one's.
    let again = done.outcome.as_ref().unwrap().job;
    assert!(again != before && again != job);
}

#[test]
fn photos_wait_for_the_engine_and_go_one_at_a_time() {
    let mut state = State::default();
    let (ids, effects) = add(&mut state, &["a", "b"]);
    assert!(effects.is_empty());
    assert_eq!(state.app_phase(), AppPhase::Starting);
    let first = job_of(&state.receive(Reply::Started {
        engine: engine(Backend::Cpu),
    }));
    assert_eq!(state.photo_of(first), Some(ids[0]));
    let second = job_of(&succeed(&mut state, first));
    assert_eq!(state.photo_of(second), Some(ids[1]));
    assert!(succeed(&mut state, second).is_empty());
    assert_eq!(state.app_phase(), AppPhase::Ready);
    assert_eq!(
        state.shown,
        Some(ids[0]),
        "the stage stays where the person looks"
    );
}

#[test]
fn the_photo_on_the_stage_goes_first() {
    let mut state = ready();
    let (ids, effects) = add(&mut state, &["a", "b", "c"]);
    state.select(ids[2]);
    let next = job_of(&succeed(&mut state, job_of(&effects)));
    assert_eq!(state.photo_of(next), Some(ids[2]));
}

#[test]
fn a_broken_photo_leaves_the_last_good_result_on_the_stage() {
    let mut state = ready();
    let (good, effects) = add(&mut state, &["good"]);
    succeed(&mut state, job_of(&effects));
    let (bad, effects) = add(&mut state, &["bad"]);
    state.receive(Reply::Failed {
        job: job_of(&effects),
        failure: failure(FailureKind::Photo),
    });
    assert_eq!(state.shown, Some(good[0]));
    assert_eq!(noticed(&state), [bad[0]]);
    state.select(bad[0]);
    assert_eq!(state.shown, Some(bad[0]), "it can still be looked at");

    // Of several the one that was looked at, not the last.
    let (_, effects) = add(&mut state, &["later"]);
    succeed(&mut state, job_of(&effects));
    state.select(good[0]);
    let (_, effects) = add(&mut state, &["worse"]);
    state.receive(Reply::Failed {
        job: job_of(&effects),
        failure: failure(FailureKind::Photo),
    });
    assert_eq!(state.shown, Some(good[0]));
}

#[test]
fn every_broken_photo_is_told() {
    let mut state = ready();
    let (ids, mut effects) = add(&mut state, &["good", "bad", "worse"]);
    effects = succeed(&mut state, job_of(&effects));
    for _ in 1..3 {
        effects = state.receive(Reply::Failed {
            job: job_of(&effects),
            failure: failure(FailureKind::Photo),
        });
    }
    assert_eq!(state.shown, Some(ids[0]));
    assert_eq!(noticed(&state), ids[1..]);
    state.remove(ids[1]);
    assert_eq!(noticed(&state), ids[2..]);
    // Not any longer than it is true.
    let effects = state.run_again(ids[2], Resolution::Auto);
    assert!(noticed(&state).is_empty());
    succeed(&mut state, job_of(&effects));
    assert!(noticed(&state).is_empty());
}

#[test]
fn a_good_photo_takes_the_stage_from_a_broken_one() {
    let mut state = ready();
    let (ids, effects) = add(&mut state, &["bad", "good"]);
    let job = job_of(&effects);
    let next = job_of(&state.receive(Reply::Failed {
        job,
        failure: failure(FailureKind::Photo),
    }));
    assert_eq!(state.shown, Some(ids[0]));
    succeed(&mut state, next);
    assert_eq!(state.shown, Some(ids[1]));
}

#[test]
fn cancelling_goes_on_with_the_next() {
    let mut state = ready();
    let (ids, effects) = add(&mut state, &["a", "b"]);
    let job = job_of(&effects);
    assert_eq!(state.cancel(ids[0]), [Effect::Cancel(job)]);
    let next = job_of(&state.receive(Reply::Cancelled { job }));
    assert_eq!(
        state.photo(ids[0]).map(|photo| &photo.phase),
        Some(&Phase::Stopped)
    );
    assert_eq!(state.photo_of(next), Some(ids[1]));
}

#[test]
fn a_second_run_keeps_the_first_result_until_it_has_its_own() {
    let mut state = ready();
    let (ids, effects) = add(&mut state, &["a"]);
    let first = job_of(&effects);
    succeed(&mut state, first);
    let again = job_of(&state.run_again(ids[0], Resolution::Full));
    assert!(
        state
            .shown_photo()
            .is_some_and(|photo| photo.outcome.is_some())
    );
    state.cancel(ids[0]);
    state.receive(Reply::Cancelled { job: again });
    let photo = state.shown_photo();
    assert_eq!(photo.map(|photo| &photo.phase), Some(&Phase::Done));
    assert_eq!(
        photo
            .and_then(|photo| photo.outcome.as_ref())
            .map(|outcome| outcome.job),
        Some(first)
    );
}

#[test]
fn removing_a_photo_in_work_stops_it_and_frees_the_worker() {
    let mut state = ready();
    let (ids, effects) = add(&mut state, &["a", "b"]);
    let job = job_of(&effects);
    assert_eq!(
        state.remove(ids[0]),
        [Effect::Cancel(job), Effect::Forget(ids[0])]
    );
    assert_eq!(state.shown, Some(ids[1]));
    let next = job_of(&state.receive(Reply::Cancelled { job }));
    assert_eq!(state.photo_of(next), Some(ids[1]));
}

#[test]
fn another_backend_runs_the_job_in_hand_again() {
    let mut state = ready();
    let (ids, effects) = add(&mut state, &["a"]);
    let job = job_of(&effects);
    assert_eq!(
        state.set_backend(BackendChoice::Cpu),
        [Effect::Cancel(job), Effect::Start(BackendChoice::Cpu)]
    );
    assert!(
        state.receive(Reply::Cancelled { job }).is_empty(),
        "not before the engine stands"
    );
    let again = job_of(&state.receive(Reply::Started {
        engine: engine(Backend::Cpu),
    }));
    assert_eq!(state.photo_of(again), Some(ids[0]));
}

#[test]
fn a_backend_that_fails_gives_way_to_the_last_that_ran() {
    let mut state = ready();
    state.set_backend(BackendChoice::WebGpu);
    let failure = failure(FailureKind::Device);
    assert!(state.receive(Reply::Refused { failure }).is_empty());
    assert_eq!(state.backend, BackendChoice::Auto);
    state.receive(Reply::Started {
        engine: engine(Backend::Cpu),
    });
    assert_eq!(state.app_phase(), AppPhase::Ready);
    assert!(
        state.settings_failure.is_some(),
        "the words stay beside the switch"
    );
}

#[test]
fn weights_that_do_not_fit_leave_the_engine_as_it_was() {
    let mut state = ready();
    add(&mut state, &["a"]);
    state.weights_sent("w.bpk".into());
    let failure = failure(FailureKind::OtherWeights);
    state.receive(Reply::Refused { failure });
    assert_eq!(state.app_phase(), AppPhase::Working);
    assert!(state.settings_failure.is_some() && state.coming_weights.is_none());
}

#[test]
fn another_part_of_the_page_may_change_the_engine() {
    let mut state = ready();
    let (_, effects) = add(&mut state, &["a"]);
    state.receive(Reply::Progress {
        job: None,
        stage: Stage::Compiling,
    });
    assert_eq!(state.app_phase(), AppPhase::Starting);
    let choice = BackendChoice::Cpu;
    let engine = EngineInfo {
        choice,
        ..engine(Backend::Cpu)
    };
    state.receive(Reply::Started { engine });
    assert_eq!(
        (state.app_phase(), state.backend),
        (AppPhase::Working, choice)
    );
    succeed(&mut state, job_of(&effects));
    assert_eq!(state.app_phase(), AppPhase::Ready);
}

#[test]
fn without_a_first_engine_the_page_says_so() {
    let mut state = State::default();
    state.receive(Reply::NotStarted {
        failure: failure(FailureKind::Weights),
    });
    assert_eq!(state.app_phase(), AppPhase::Failed);
    assert_eq!(state.restart(), [Effect::Start(BackendChoice::Auto)]);
}

#[test]
fn a_failed_download_is_no_failed_photo() {
    let mut state = ready();
    let (_, effects) = add(&mut state, &["a"]);
    let job = job_of(&effects);
    succeed(&mut state, job);
    assert_eq!(state.export(ExportKind::Mask, 0.5).len(), 1);
    assert!(
        state.export(ExportKind::Mask, 0.5).is_empty(),
        "one at a time"
    );
    state.receive(Reply::Failed {
        job,
        failure: failure(FailureKind::Export),
    });
    assert!(state.export_failure.is_some() && state.exporting.is_none());
    assert_eq!(
        state.shown_photo().map(|photo| &photo.phase),
        Some(&Phase::Done)
    );
}

#[test]
fn the_page_is_left_without_a_word_only_where_nothing_is_lost() {
    let mut state = ready();
    assert!(!state.would_lose());
    let (ids, effects) = add(&mut state, &["a"]);
    assert!(state.would_lose(), "in work");
    let job = job_of(&effects);
    succeed(&mut state, job);
    assert!(state.would_lose(), "not downloaded");
    state.export(ExportKind::Overlay, 0.5);
    state.receive(Reply::Exported {
        job,
        kind: ExportKind::Overlay,
        crc32: 0,
        figure_crc32: None,
    });
    assert!(state.would_lose(), "the browser may refuse the file");
    state.saved(&[job]);
    assert!(!state.would_lose());
    // Made anew it is another result.
    let again = state.run_again(ids[0], Resolution::Full);
    succeed(&mut state, job_of(&again));
    assert!(state.would_lose());
    state.mark_as_example(ids[0]);
    assert!(!state.would_lose(), "an example can be had again");
}

#[test]
fn a_result_made_otherwise_is_outdated() {
    let mut state = ready();
    let (ids, effects) = add(&mut state, &["a"]);
    succeed(&mut state, job_of(&effects));
    let is_outdated = |state: &State| {
        state
            .photo(ids[0])
            .is_some_and(|photo| state.is_outdated(photo))
    };
    assert!(!is_outdated(&state));
    state.receive(Reply::Started {
        engine: engine(Backend::WebGpu),
    });
    assert!(!is_outdated(&state), "the backends agree");
    state.receive(Reply::Started {
        engine: EngineInfo {
            weights_hash: "b".into(),
            ..engine(Backend::Cpu)
        },
    });
    assert!(is_outdated(&state));
}

#[test]
fn other_weights_work_the_shown_photo_again() {
    let mut state = ready();
    let (ids, effects) = add(&mut state, &["a", "b"]);
    let effects = succeed(&mut state, job_of(&effects));
    succeed(&mut state, job_of(&effects));
    state.weights_sent("w.bpk".into());
    let effects = state.receive(Reply::Started {
        engine: EngineInfo {
            weights_hash: "b".into(),
            ..engine(Backend::Cpu)
        },
    });
    assert!(matches!(
        effects[..],
        [Effect::Segment { photo, .. }] if Some(photo) == state.shown
    ));
    let outdated: Vec<_> = state.outdated().collect();
    let others: Vec<_> = ids
        .into_iter()
        .filter(|&id| Some(id) != state.shown)
        .collect();
    assert_eq!(outdated, others);
}

#[test]
fn choosing_the_other_mode_works_the_shown_photo_again() {
    let mut state = ready();
    let (_, effects) = add(&mut state, &["a"]);
    succeed(&mut state, job_of(&effects));
    let effects = state.set_mode(Mode::Space);
    assert!(matches!(
        effects[..],
        [Effect::Segment {
            settings: Settings {
                mode: Mode::Space,
                ..
            },
            ..
        }]
    ));
}

#[test]
fn what_the_other_mode_made_outdated_runs_again_when_asked() {
    let mut state = ready();
    let (ids, effects) = add(&mut state, &["a", "b"]);
    let effects = succeed(&mut state, job_of(&effects));
    succeed(&mut state, job_of(&effects));
    let effects = state.set_mode(Mode::Space);
    succeed(&mut state, job_of(&effects));
    assert_eq!(state.outdated().collect::<Vec<_>>(), ids[1..]);
    let effects = state.run_outdated();
    assert_eq!(state.photo_of(job_of(&effects)), Some(ids[1]));
    succeed(&mut state, job_of(&effects));
    assert_eq!(state.outdated().count(), 0);
}

#[test]
fn a_worker_that_starts_over_keeps_its_job() {
    let mut state = ready();
    let (_, effects) = add(&mut state, &["a", "b"]);
    state.receive(Reply::Progress {
        job: None,
        stage: Stage::Compiling,
    });
    assert_eq!(state.app_phase(), AppPhase::Starting);
    let after = state.receive(Reply::Started {
        engine: engine(Backend::Cpu),
    });
    assert!(
        after.is_empty(),
        "the client sends the job in hand again by itself"
    );
    assert!(!succeed(&mut state, job_of(&effects)).is_empty());
}

#[test]
fn what_the_person_stopped_stays_stopped_on_another_backend() {
    let mut state = ready();
    let (ids, effects) = add(&mut state, &["a"]);
    let job = job_of(&effects);
    state.cancel(ids[0]);
    state.set_backend(BackendChoice::WebGpu);
    state.receive(Reply::Cancelled { job });
    assert_eq!(
        state.photo(ids[0]).map(|photo| &photo.phase),
        Some(&Phase::Stopped)
    );
}

#[test]
fn other_weights_wait_for_the_photo_in_work() {
    let mut state = ready();
    add(&mut state, &["a"]);
    state.weights_sent("w.bpk".into());
    assert_eq!(state.app_phase(), AppPhase::Working);
}

#[test]
fn bad_weights_do_not_hide_that_there_is_no_engine() {
    let mut state = State::default();
    state.receive(Reply::NotStarted {
        failure: failure(FailureKind::Weights),
    });
    state.weights_sent("w.bpk".into());
    state.receive(Reply::NotStarted {
        failure: failure(FailureKind::OtherWeights),
    });
    assert_eq!(state.app_phase(), AppPhase::Failed);
}

#[test]
fn a_failed_download_is_told_beside_its_photo_only() {
    let mut state = ready();
    let (_, effects) = add(&mut state, &["a", "b"]);
    let job = job_of(&effects);
    succeed(&mut state, job);
    state.export(ExportKind::Mask, 0.5);
    state.receive(Reply::Failed {
        job,
        failure: failure(FailureKind::Export),
    });
    add(&mut state, &["c"]);
    assert_eq!(state.export_failure, None);
}

#[test]
fn another_mode_counts_for_the_photo_in_work_too() {
    let mut state = ready();
    let (ids, effects) = add(&mut state, &["a"]);
    let job = job_of(&effects);
    assert_eq!(state.set_mode(Mode::Space), [Effect::Cancel(job)]);
    // There and back: the first mode's job is on its way out already.
    assert_eq!(state.set_mode(Mode::Native), [Effect::Cancel(job)]);
    let effects = state.receive(Reply::Cancelled { job });
    let job = job_of(&effects);
    assert!(
        matches!(effects[..], [Effect::Segment { settings, .. }] if settings.mode == Mode::Native)
    );
    // Too late to be stopped: run again all the same.
    state.set_mode(Mode::Space);
    let effects = succeed(&mut state, job);
    assert!(
        matches!(effects[..], [Effect::Segment { settings, .. }] if settings.mode == Mode::Space)
    );
    succeed(&mut state, job_of(&effects));
    assert!(
        state
            .photo(ids[0])
            .is_some_and(|photo| photo.phase == Phase::Done)
    );
    // What has that mode's result already is left alone, and kept where the other mode's is on its way.
    state.mode = Mode::Native;
    assert_eq!(state.set_mode(Mode::Space), []);
    let job = job_of(&state.set_mode(Mode::Thorough));
    assert_eq!(state.set_mode(Mode::Space), [Effect::Cancel(job)]);
    assert_eq!(state.receive(Reply::Cancelled { job }), []);
    assert!(
        state
            .photo(ids[0])
            .is_some_and(|photo| photo.phase == Phase::Done)
    );
}

#[test]
fn a_photo_that_is_large_enough_tells_the_speed() {
    let mut state = ready();
    assert_eq!(state.seconds_per_megapixel, Some(1.0));
    let size = Size {
        width: 1000,
        height: 500,
    };
    for (size, expected) in [(SIZE, 1.0), (size, 4.0)] {
        let (_, effects) = add(&mut state, &["a"]);
        let job = job_of(&effects);
        let plan = Plan { size, ..PLAN };
        state.receive(Reply::Decoded {
            job,
            photo: size,
            plan,
        });
        state.receive(Reply::Segmented {
            job,
            map: size,
            seconds: 2.0,
            counts: vec![12],
        });
        assert_eq!(state.seconds_per_megapixel, Some(expected));
    }
}

/// Two photos with their results.
fn two_done() -> (State, [JobId; 2]) {
    let mut state = ready();
    let (_, effects) = add(&mut state, &["a", "b"]);
    let first = job_of(&effects);
    let second = job_of(&succeed(&mut state, first));
    succeed(&mut state, second);
    (state, [first, second])
}

fn measured(job: JobId, threshold: f32) -> Reply {
    Reply::Measured {
        job,
        threshold,
        measurements: Measurements::default(),
    }
}

#[test]
fn the_shown_result_is_measured_once_at_each_threshold() {
    let (mut state, [job, _]) = two_done();
    assert!(matches!(
        state.measure(0.4)[..],
        [Effect::Measure { threshold: 0.4, .. }]
    ));
    assert!(state.measure(0.6).is_empty(), "one at a time");
    state.receive(measured(job, 0.4));
    assert!(state.measure(0.4).is_empty(), "known");
    assert_eq!(state.measure(0.6).len(), 1);
    state.receive(Reply::Failed {
        job,
        failure: failure(FailureKind::Measure),
    });
    assert!(state.measure_failure.is_some());
    assert!(state.measure(0.6).is_empty(), "it is not tried for ever");
    assert_eq!(state.measure(0.5).len(), 1);
    let outcome = state.shown_photo().and_then(|photo| photo.outcome.as_ref());
    assert!(outcome.is_some_and(|outcome| outcome.cracks_at(0.4).is_some()));
}

#[test]
fn a_corrected_result_is_another_one() {
    let (mut state, [job, _]) = two_done();
    let (photo, tally) = (state.photos[0].id, Tally::new(vec![12]));
    state.measure(0.4);
    let crack = |length| Crack {
        length,
        ..Crack::default()
    };
    state.receive(Reply::Measured {
        job,
        threshold: 0.4,
        measurements: Measurements {
            cracks: vec![crack(40.0), crack(30.0)],
            specks: 2,
        },
    });
    state.export(ExportKind::Mask, 0.4);
    state.measure(0.3);
    let corrected = state.correct(photo, tally, 1, Gone::Crack(0));
    // What is still made of it as it was does not count.
    state.receive(measured(job, 0.3));
    state.receive(Reply::Exported {
        job,
        kind: ExportKind::Mask,
        crc32: 0,
        figure_crc32: None,
    });
    let outcome = state.shown_photo().and_then(|photo| photo.outcome.clone());
    let told = outcome
        .as_ref()
        .map(|it| (Some(it.job), it.left_out, it.is_saved));
    assert_eq!(told, Some((corrected, 1, false)));
    // The other crack stays until it is measured anew.
    let cracks = outcome.as_ref().and_then(|it| it.cracks.as_ref());
    let others = cracks.map(|cracks| cracks.measurements.cracks.clone());
    assert_eq!(others, Some(vec![crack(30.0)]));
    assert_eq!(cracks.map(|cracks| cracks.measurements.specks), Some(2));
    assert!(outcome.is_some_and(|it| it.cracks_at(0.4).is_none()));
    assert_ne!(corrected, Some(job));
    assert!(state.exporting.is_none() && state.measuring.is_none());
    assert_eq!(state.measure(0.4).len(), 1);
    // What was done by hand is not thrown away unasked.
    assert!(state.set_mode(Mode::Space).is_empty());
    assert!(state.would_uncorrect());
    state.restart();
    let engine = EngineInfo {
        weights_hash: "other".into(),
        ..engine(Backend::Cpu)
    };
    let effects = state.receive(Reply::Started { engine });
    assert!(
        !effects
            .iter()
            .any(|it| matches!(it, Effect::Segment { .. }))
    );
}

#[test]
fn a_stretched_result_is_not_measured() {
    let mut state = ready();
    state.set_mode(Mode::Space);
    let (_, effects) = add(&mut state, &["a"]);
    succeed(&mut state, job_of(&effects));
    assert!(state.measure(0.4).is_empty());
    let exports = state.collect(Some(0.4));
    assert_eq!(exports.len(), 1);
    assert_eq!(state.collecting.as_ref().map(|it| it.total), Some(2));
}

#[test]
fn all_results_are_collected_piece_by_piece() {
    let (mut state, [first, second]) = two_done();
    let ids: Vec<PhotoId> = state.photos.iter().map(|photo| photo.id).collect();
    let exported = |job, kind| Reply::Exported {
        job,
        kind,
        crc32: 0,
        figure_crc32: None,
    };
    let asks = |effects: &[Effect], id: PhotoId, kind: ExportKind| matches!(effects, [Effect::Export { photo, kind: asked, threshold: 0.3, .. }] if (*photo, *asked) == (id, kind));
    let effects = state.collect(Some(0.3));
    assert!(asks(&effects, ids[0], ExportKind::Overlay));
    assert!(state.collect(Some(0.3)).is_empty() && state.export(ExportKind::Mask, 0.3).is_empty());
    let effects = state.receive(exported(first, ExportKind::Overlay));
    assert!(asks(&effects, ids[0], ExportKind::Mask));
    let effects = state.receive(exported(first, ExportKind::Mask));
    assert!(matches!(effects[..], [Effect::Measure { photo, .. }] if photo == ids[0]));
    let effects = state.receive(measured(first, 0.3));
    assert!(asks(&effects, ids[1], ExportKind::Overlay));
    assert!(state.would_lose(), "not before all is there");
    state.receive(exported(second, ExportKind::Overlay));
    state.receive(exported(second, ExportKind::Mask));
    let effects = state.receive(measured(second, 0.3));
    assert_eq!(
        effects,
        [Effect::Pack {
            photos: ids.clone(),
            chosen: Some(0.3)
        }]
    );
    assert!(state.collecting.is_none() && state.exporting.is_none());
    assert!(state.would_lose(), "the browser may refuse the archive");
    state.saved(&[first, second]);
    assert!(!state.would_lose());
}

#[test]
fn without_a_choice_each_result_is_collected_at_the_threshold_of_its_weights() {
    let (mut state, _) = two_done();
    for (photo, threshold) in state.photos.iter_mut().zip([0.25, 0.75]) {
        photo.outcome.as_mut().unwrap().threshold = threshold;
    }
    let mut effects = state.collect(None);
    let mut thresholds = Vec::new();
    while let Some(effect) = effects.pop() {
        effects = match effect {
            Effect::Export {
                outcome,
                kind,
                threshold,
                ..
            } => {
                thresholds.push(threshold);
                state.receive(Reply::Exported {
                    job: outcome.job,
                    kind,
                    crc32: 0,
                    figure_crc32: None,
                })
            }
            Effect::Measure {
                outcome, threshold, ..
            } => {
                thresholds.push(threshold);
                state.receive(measured(outcome.job, threshold))
            }
            Effect::Pack { chosen: None, .. } => Vec::new(),
            other => panic!("{other:?}"),
        };
    }
    assert_eq!(thresholds, [0.25, 0.25, 0.25, 0.75, 0.75, 0.75]);
}

#[test]
fn collecting_goes_on_where_what_is_measured_is_removed_or_corrected() {
    for is_removed in [true, false] {
        let (mut state, [first, _]) = two_done();
        let ids: Vec<PhotoId> = state.photos.iter().map(|photo| photo.id).collect();
        state.collect(Some(0.3));
        for kind in [ExportKind::Overlay, ExportKind::Mask] {
            state.receive(Reply::Exported {
                job: first,
                kind,
                crc32: 0,
                figure_crc32: None,
            });
        }
        // Its cracks are with the worker.
        if is_removed {
            state.remove(ids[0]);
        } else {
            state.correct(ids[0], Tally::new(vec![12]), 1, Gone::All);
        }
        let effects = state.receive(measured(first, 0.3));
        assert!(
            matches!(effects[..], [Effect::Export { photo, .. }] if photo == ids[1]),
            "{effects:?}"
        );
    }
}

#[test]
fn collecting_goes_on_without_what_was_removed_or_failed() {
    let (mut state, [first, second]) = two_done();
    let ids: Vec<PhotoId> = state.photos.iter().map(|photo| photo.id).collect();
    state.collect(Some(0.3));
    state.remove(ids[0]);
    // The piece in the worker's hands still comes.
    let effects = state.receive(Reply::Exported {
        job: first,
        kind: ExportKind::Overlay,
        crc32: 0,
        figure_crc32: None,
    });
    assert!(matches!(effects[..], [Effect::Export { photo, .. }] if photo == ids[1]));
    let effects = state.receive(Reply::Failed {
        job: second,
        failure: failure(FailureKind::Export),
    });
    assert!(matches!(effects[..], [Effect::Pack { ref photos, .. }] if photos.is_empty()));
    let told = state
        .export_failure
        .clone()
        .and_then(|failure| failure.file);
    assert_eq!(told.as_deref(), Some("b"));
    assert!(state.would_lose(), "it is in no archive");
}

#[test]
fn what_was_given_up_ends_with_the_piece_in_work_and_gets_into_no_other_archive() {
    let (mut state, [first, _]) = two_done();
    state.collect(Some(0.3));
    state.stop_collecting();
    assert!(
        state.collect(Some(0.6)).is_empty(),
        "not before the piece is there"
    );
    let effects = state.receive(Reply::Exported {
        job: first,
        kind: ExportKind::Overlay,
        crc32: 0,
        figure_crc32: None,
    });
    assert!(effects.is_empty() && state.collecting.is_none() && state.exporting.is_none());
    assert!(state.would_lose());
    assert_eq!(state.collect(Some(0.6)).len(), 1);
}

#[test]
fn results_that_come_meanwhile_are_collected_too() {
    let mut state = ready();
    let (_, effects) = add(&mut state, &["a", "b"]);
    let first = job_of(&effects);
    let second = job_of(&succeed(&mut state, first));
    state.collect(Some(0.3));
    succeed(&mut state, second);
    let mut packed = Vec::new();
    for (job, reply) in [first, second].into_iter().flat_map(|job| {
        let exported = |kind| Reply::Exported {
            job,
            kind,
            crc32: 0,
            figure_crc32: None,
        };
        let replies = [
            exported(ExportKind::Overlay),
            exported(ExportKind::Mask),
            measured(job, 0.3),
        ];
        replies.map(|reply| (job, reply))
    }) {
        assert!(packed.is_empty(), "{job} came too late");
        packed = state.receive(reply);
        packed.retain(|effect| matches!(effect, Effect::Pack { .. }));
    }
    assert!(matches!(&packed[..], [Effect::Pack { photos, .. }] if photos.len() == 2));
}

/// What is packed is told by photo, whose result is then the new one.
#[test]
fn a_photo_that_is_segmented_again_meanwhile_is_packed_once() {
    let mut state = ready();
    let (ids, effects) = add(&mut state, &["a"]);
    let old = job_of(&effects);
    succeed(&mut state, old);
    state.collect(Some(0.3));
    let new = job_of(&state.run_again(ids[0], Resolution::Full));
    succeed(&mut state, new);
    let exported = |job, kind| Reply::Exported {
        job,
        kind,
        crc32: 0,
        figure_crc32: None,
    };
    let mut effects = state.receive(exported(old, ExportKind::Overlay));
    for reply in [
        exported(new, ExportKind::Overlay),
        exported(new, ExportKind::Mask),
        measured(new, 0.3),
    ] {
        assert!(
            !matches!(effects[..], [Effect::Pack { .. }]),
            "{reply:?} is not asked for"
        );
        effects = state.receive(reply);
    }
    assert!(matches!(&effects[..], [Effect::Pack { photos, .. }] if *photos == ids));
}

#[test]
fn a_threshold_that_the_slider_passed_takes_nothing_from_the_archive() {
    let (mut state, [first, _]) = two_done();
    state.measure(0.3);
    state.receive(measured(first, 0.3));
    state.measure(0.4);
    state.collect(Some(0.3));
    state.receive(measured(first, 0.4));
    let outcome = state.shown_photo().and_then(|photo| photo.outcome.as_ref());
    assert!(outcome.is_some_and(|outcome| outcome.cracks_at(0.3).is_some()));
    assert_eq!(state.measuring, None);
    assert!(
        state.measure(0.4).is_empty(),
        "not before the archive is done"
    );
}

#[test]
fn a_scale_is_one_photos_or_that_of_all_alike() {
    let mut state = ready();
    let (ids, _) = add(&mut state, &["one", "turned", "waiting", "cropped"]);
    let size = |width, height| Some(Size { width, height });
    for (id, size) in ids.iter().zip([size(4, 3), size(3, 4), None, size(2, 2)]) {
        if let Some(photo) = state.photo_mut(*id) {
            photo.size = size;
        }
    }
    let scale = |millimetres| Scale::of_length(100.0, millimetres);
    let laid = Laid {
        ends: [(0.0, 0.0), (100.0, 0.0)],
        length: "20".to_owned(),
    };
    let scales = |state: &State| {
        let photos = state.photos.iter();
        photos.map(|photo| photo.scale).collect::<Vec<_>>()
    };
    state.select(ids[1]);
    assert_eq!(state.set_scale(scale(10.0), Some(laid.clone()), false), 1);
    assert_eq!(scales(&state), [None, scale(10.0), None, None]);
    state.select(ids[0]);
    assert_eq!(state.set_scale(scale(20.0), Some(laid.clone()), true), 3);
    let of_all = [scale(20.0), scale(20.0), scale(20.0), None];
    assert_eq!(scales(&state), of_all);
    assert!(state.is_scale_of_all());
    // The ruler lies where it gave the scale.
    let rulers = state.photos.iter().map(|photo| photo.ruler.clone());
    assert!(rulers.eq([Some(laid), None, None, None]));

    // What comes later may have been taken from elsewhere.
    let (later, _) = add(&mut state, &["later"]);
    assert_eq!(state.photo(later[0]).and_then(|photo| photo.scale), None);
    state.remove(later[0]);
    state.select(ids[0]);
    state.set_scale(None, None, false);
    assert_eq!(scales(&state), [None, scale(20.0), scale(20.0), None]);
    assert!(!state.is_scale_of_all());
}

#[test]
fn a_photo_of_another_size_than_expected_has_no_scale() {
    let mut state = ready();
    let (ids, effects) = add(&mut state, &["one", "two"]);
    let next = succeed(&mut state, job_of(&effects));
    state.select(ids[0]);
    let scale = Scale::of_length(100.0, 20.0);
    assert_eq!(state.set_scale(scale, None, true), 2);
    state.receive(Reply::Decoded {
        job: job_of(&next),
        photo: Size {
            width: SIZE.width + 1,
            ..SIZE
        },
        plan: PLAN,
    });
    let scales = state.photos.iter().map(|photo| photo.scale);
    assert!(scales.eq([scale, None]));
}

#[test]
fn a_gpu_that_was_lost_is_told_until_another_engine_is_asked_for() {
    let mut state = State::default();
    let mut start = |backend, reason| {
        let engine = EngineInfo {
            reason,
            ..engine(backend)
        };
        state.receive(Reply::Started { engine });
        state.has_lost_gpu
    };
    // A worker that was on the CPU all along loses nothing.
    assert!(!start(Backend::Cpu, Reason::NoAdapter));
    assert!(!start(Backend::Cpu, Reason::Recovered));
    assert!(!start(Backend::WebGpu, Reason::Faster));
    assert!(start(Backend::Cpu, Reason::Recovered));
    assert!(start(Backend::Cpu, Reason::Recovered));
    assert!(!start(Backend::Cpu, Reason::Chosen));
    assert!(!start(Backend::WebGpuF16, Reason::Faster));
    // A new worker may find none, or have it lost.
    assert!(start(Backend::Cpu, Reason::NoAdapter));
    assert!(!start(Backend::WebGpu, Reason::Faster));
    assert!(start(Backend::Cpu, Reason::LostGpu));
    assert!(!start(Backend::WebGpu, Reason::Faster));
    assert!(start(Backend::Cpu, Reason::Recovered));
    // The CPU that took over is no choice, so that another one is a change.
    state.backend = BackendChoice::Cpu;
    assert_eq!(
        state.set_backend(BackendChoice::Auto),
        [Effect::Start(BackendChoice::Auto)]
    );
}
