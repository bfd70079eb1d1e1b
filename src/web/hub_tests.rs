use super::*;
use crate::protocol::{Export, ExportKind, Mode, Plan, Provenance, Reason, Settings, Size, Stage};
use crate::web::fixtures::{self, failure};

type File = &'static str;

const USUAL: &str = "weights/";

fn engine(choice: BackendChoice) -> EngineInfo {
    EngineInfo {
        choice,
        ..fixtures::engine(Backend::Cpu)
    }
}

fn start(backend: BackendChoice, weights_url: &str, recovering: bool) -> Act<File> {
    let request = Request::Start {
        backend,
        weights: WeightsSource::Url(weights_url.into()),
        recovering,
    };
    Act::Post(request, Vec::new())
}

/// With weights that a person brought, the so-manieth of the hub.
fn own_start(backend: BackendChoice, name: File, id: u32, recovering: bool) -> Act<File> {
    let weights = WeightsSource::File {
        name: name.into(),
        id,
    };
    let request = Request::Start {
        backend,
        weights,
        recovering,
    };
    Act::Post(request, vec![name])
}

fn usual_start(backend: BackendChoice) -> Act<File> {
    start(backend, USUAL, false)
}

fn wish(backend: BackendChoice) -> Wish {
    Wish {
        backend,
        weights_url: None,
    }
}

fn other_weights(url: &str) -> Wish {
    Wish {
        backend: BackendChoice::Auto,
        weights_url: Some(url.into()),
    }
}

fn started(choice: BackendChoice) -> Reply {
    Reply::Started {
        engine: engine(choice),
    }
}

fn not_started(kind: FailureKind) -> Reply {
    Reply::NotStarted {
        failure: failure(kind),
    }
}

fn photo(job: JobId) -> Request {
    Request::Segment {
        job,
        settings: Settings::default(),
    }
}

/// A hub that these many parts have joined, on an engine that runs.
fn ready(parts: u32) -> Hub<File> {
    let mut hub = Hub::new(USUAL.into());
    for member in 1..=parts {
        assert_eq!(hub.join(), member);
        hub.begin(member, Wish::default());
    }
    hub.receive(Reply::Ready, Vec::new());
    hub.receive(started(BackendChoice::Auto), Vec::new());
    hub
}

/// The job's name on the wire, of whatever was posted last.
fn wire(acts: &[Act<File>]) -> JobId {
    let posted = acts.iter().rev().find_map(|act| match act {
        Act::Post(request, _) => request.job(),
        _ => None,
    });
    posted.unwrap_or_default()
}

fn told(acts: &[Act<File>]) -> Vec<(MemberId, Reply)> {
    let told = acts.iter().filter_map(|act| match act {
        Act::Tell(member, reply, _) => Some((*member, reply.clone())),
        _ => None,
    });
    told.collect()
}

fn posted(acts: &[Act<File>]) -> Vec<Act<File>> {
    let posted = acts.iter().filter(|act| matches!(act, Act::Post(..)));
    posted.cloned().collect()
}

fn segmented(job: JobId) -> Reply {
    Reply::Segmented {
        job,
        map: Size {
            width: 1,
            height: 1,
        },
        seconds: 1.0,
        counts: Vec::new(),
    }
}

#[test]
fn the_first_part_starts_the_worker_and_the_others_share_it() {
    let mut hub = Hub::<File>::new(USUAL.into());
    let first = hub.join();
    assert_eq!(hub.begin(first, Wish::default()), [Act::Connect]);
    assert_eq!(hub.first_weights(), Some(USUAL));
    let second = hub.join();
    assert_eq!(hub.begin(second, Wish::default()), []);
    let acts = hub.receive(Reply::Ready, Vec::new());
    assert_eq!(acts, [usual_start(BackendChoice::Auto)]);
    let acts = hub.receive(started(BackendChoice::Auto), Vec::new());
    let reply = started(BackendChoice::Auto);
    assert_eq!(
        told(&acts),
        [(first, reply.clone()), (second, reply.clone())]
    );
    let third = hub.join();
    assert_eq!(told(&hub.begin(third, Wish::default())), [(third, reply)]);
}

#[test]
fn a_newcomer_without_a_wish_changes_nothing() {
    let mut hub = ready(1);
    hub.start(1, other_weights("own.bpk"));
    hub.receive(started(BackendChoice::Auto), Vec::new());
    hub.start(1, wish(BackendChoice::Cpu));
    hub.receive(started(BackendChoice::Cpu), Vec::new());
    let second = hub.join();
    let acts = hub.begin(second, Wish::default());
    assert_eq!(
        acts,
        [Act::Tell(second, started(BackendChoice::Cpu), Vec::new())]
    );
}

#[test]
fn jobs_have_names_of_their_own_on_the_wire() {
    let mut hub = ready(2);
    let first = wire(&hub.send(1, photo(2), vec!["a"]));
    assert_eq!(hub.send(2, photo(2), vec!["b"]), []);
    let acts = hub.receive(segmented(first), vec!["map"]);
    assert_eq!(acts[0], Act::Tell(1, segmented(2), vec!["map"]));
    let second = wire(&acts);
    assert!(second != first, "{acts:?}");
    let acts = hub.receive(segmented(second), vec!["map"]);
    assert_eq!(told(&acts), [(2, segmented(2))]);
    // Nobody waits for these any more.
    assert_eq!(hub.receive(segmented(first), Vec::new()), []);
}

#[test]
fn exports_go_one_by_one_beside_a_photo() {
    let export = |job| Request::Export {
        job,
        export: Export {
            kind: ExportKind::Mask,
            map: Size {
                width: 1,
                height: 1,
            },
            threshold: 0.5,
            provenance: Provenance {
                photo: "p".into(),
                mode: Mode::Native,
                working_scale: 1.0,
                threshold: None,
                weights: "w".into(),
                backend: "b".into(),
                left_out: 0,
            },
            opacity: 1.0,
            with_figure: false,
        },
    };
    let exported = |job| Reply::Exported {
        job,
        kind: ExportKind::Mask,
        crc32: 0,
        figure_crc32: None,
    };
    let mut hub = ready(2);
    hub.send(1, photo(1), vec!["a"]);
    let first = wire(&hub.send(1, export(7), vec!["map"]));
    assert_eq!(hub.send(2, export(7), vec!["map"]), []);
    let acts = hub.receive(exported(first), vec!["one"]);
    assert_eq!(acts[0], Act::Tell(1, exported(7), vec!["one"]));
    let acts = hub.receive(exported(wire(&acts)), vec!["two"]);
    assert_eq!(acts, [Act::Tell(2, exported(7), vec!["two"])]);
}

#[test]
fn another_backend_does_not_wait_for_a_photo() {
    let mut hub = ready(2);
    hub.send(1, photo(1), vec!["a"]);
    hub.send(2, photo(1), vec!["b"]);
    // One's own photo is told as cancelled, another's begins anew.
    let acts = hub.start(1, wish(BackendChoice::Cpu));
    assert_eq!(
        acts,
        [
            Act::Tell(1, Reply::Cancelled { job: 1 }, Vec::new()),
            Act::Connect
        ]
    );
    let acts = hub.receive(Reply::Ready, Vec::new());
    assert_eq!(acts, [usual_start(BackendChoice::Cpu)]);
    let acts = hub.receive(started(BackendChoice::Cpu), Vec::new());
    assert_eq!(told(&acts).len(), 2);
    assert!(
        matches!(&posted(&acts)[..], [Act::Post(Request::Segment { .. }, files)] if files == &["b"])
    );
    let acts = hub.start(1, wish(BackendChoice::Auto));
    assert_eq!(acts, [Act::Connect]);
}

#[test]
fn what_was_stopped_does_not_begin_anew() {
    let mut hub = ready(2);
    let acts = hub.send(2, photo(5), vec!["b"]);
    let cancel = Act::Post(Request::Cancel { job: wire(&acts) }, Vec::new());
    assert_eq!(
        hub.send(2, Request::Cancel { job: 5 }, Vec::new()),
        [cancel]
    );
    let cancelled = (2, Reply::Cancelled { job: 5 });
    let acts = hub.start(1, wish(BackendChoice::Cpu));
    assert!(told(&acts) == std::slice::from_ref(&cancelled), "{acts:?}");
    hub.receive(Reply::Ready, Vec::new());
    hub.receive(started(BackendChoice::Cpu), Vec::new());
    hub.send(2, photo(5), vec!["b"]);
    hub.send(2, Request::Cancel { job: 5 }, Vec::new());
    assert!(told(&hub.lost("d")).contains(&cancelled));
    // What waits loses its turn.
    hub.send(2, photo(6), vec!["c"]);
    let acts = hub.send(2, Request::Cancel { job: 6 }, Vec::new());
    assert_eq!(told(&acts), [(2, Reply::Cancelled { job: 6 })]);
}

#[test]
fn who_leaves_takes_its_photos_along() {
    let mut hub = ready(2);
    let acts = hub.send(1, photo(1), vec!["a"]);
    let first = wire(&acts);
    hub.send(1, photo(2), vec!["b"]);
    hub.send(2, photo(1), vec!["c"]);
    let acts = hub.leave(1);
    assert_eq!(
        acts,
        [Act::Post(Request::Cancel { job: first }, Vec::new())]
    );
    let acts = hub.receive(Reply::Cancelled { job: first }, Vec::new());
    assert!(
        matches!(&posted(&acts)[..], [Act::Post(Request::Segment { .. }, files)] if files == &["c"])
    );
}

#[test]
fn a_refused_wish_is_its_askers_alone() {
    let mut hub = ready(2);
    assert_eq!(
        hub.start(1, other_weights("missing.bpk")),
        [start(BackendChoice::Auto, "missing.bpk", false)]
    );
    let acts = hub.receive(not_started(FailureKind::Weights), Vec::new());
    let failure = failure(FailureKind::Weights);
    let running = started(BackendChoice::Auto);
    assert_eq!(
        told(&acts),
        [
            (1, Reply::Refused { failure }),
            (1, running.clone()),
            (2, running.clone())
        ]
    );
    // The same for weights that a person brings.
    hub.use_weights(2, "bad".into(), "bad");
    let acts = hub.receive(not_started(FailureKind::OtherWeights), Vec::new());
    assert!(matches!(
        told(&acts)[..],
        [(2, Reply::Refused { .. }), (1, _), (2, _)]
    ));
    // On a worker of its own the way back leads through another start, and the photo waits for it.
    hub.send(2, photo(1), vec!["a"]);
    hub.start(1, wish(BackendChoice::WebGpu));
    hub.receive(Reply::Ready, Vec::new());
    let acts = hub.receive(not_started(FailureKind::Device), Vec::new());
    assert_eq!(posted(&acts), [usual_start(BackendChoice::Auto)]);
    assert!(matches!(told(&acts)[..], [(1, Reply::Refused { .. })]));
    let acts = hub.receive(started(BackendChoice::Auto), Vec::new());
    assert!(matches!(
        posted(&acts)[..],
        [Act::Post(Request::Segment { .. }, _)]
    ));
}

#[test]
fn weights_that_are_missing_are_their_askers_matter_also_at_the_very_start() {
    for names_first in [true, false] {
        let mut hub = Hub::<File>::new(USUAL.into());
        let [one, other] = [hub.join(), hub.join()];
        let missing = || other_weights("missing.bpk");
        if names_first {
            hub.begin(one, missing());
            hub.begin(other, Wish::default());
        } else {
            hub.begin(other, Wish::default());
            hub.begin(one, missing());
        }
        let acts = hub.receive(Reply::Ready, Vec::new());
        assert_eq!(acts, [start(BackendChoice::Auto, "missing.bpk", false)]);
        let acts = hub.receive(not_started(FailureKind::Weights), Vec::new());
        assert!(
            matches!(told(&acts)[..], [(member, Reply::Refused { .. })] if member == one),
            "{acts:?}"
        );
        assert_eq!(posted(&acts), [usual_start(BackendChoice::Auto)]);
    }
}

#[test]
fn a_first_backend_that_is_missing_gives_way() {
    let mut hub = Hub::<File>::new(USUAL.into());
    let part = hub.join();
    hub.begin(part, wish(BackendChoice::WebGpu));
    hub.receive(Reply::Ready, Vec::new());
    let acts = hub.receive(not_started(FailureKind::Device), Vec::new());
    assert!(matches!(told(&acts)[..], [(_, Reply::Refused { .. })]));
    assert_eq!(posted(&acts), [usual_start(BackendChoice::Auto)]);
    // And when that fails too, there is no engine.
    let acts = hub.receive(not_started(FailureKind::Device), Vec::new());
    assert_eq!(told(&acts), [(part, not_started(FailureKind::Device))]);
    assert_eq!(
        hub.start(part, wish(BackendChoice::Auto)),
        [usual_start(BackendChoice::Auto)]
    );
}

#[test]
fn a_lost_worker_is_replaced_on_the_cpu_and_goes_on() {
    let mut hub = ready(2);
    hub.use_weights(1, "own".into(), "own");
    hub.receive(started(BackendChoice::Auto), Vec::new());
    hub.send(2, photo(3), vec!["a"]);
    let acts = hub.lost("d");
    assert_eq!(
        (&acts[0], acts.last()),
        (&Act::Disconnect, Some(&Act::Connect))
    );
    assert!(
        told(&acts)
            .iter()
            .all(|(_, reply)| matches!(reply, Reply::Crashed { .. }))
    );
    // With the person's weights.
    assert_eq!(hub.first_weights(), None);
    let own_on_cpu = own_start(BackendChoice::Cpu, "own", 1, true);
    let acts = hub.receive(Reply::Ready, Vec::new());
    assert_eq!(acts, [own_on_cpu]);
    let acts = hub.receive(started(BackendChoice::Cpu), Vec::new());
    assert_eq!(told(&acts).len(), 2);
    // A second time it is given up, and the worker replaced for the next.
    hub.send(1, photo(9), vec!["b"]);
    let acts = hub.lost("d");
    let failed = told(&acts)
        .into_iter()
        .find(|(_, reply)| reply.job() == Some(3));
    assert!(
        matches!(failed, Some((2, Reply::Failed { .. }))),
        "{acts:?}"
    );
    hub.receive(Reply::Ready, Vec::new());
    let acts = hub.receive(started(BackendChoice::Cpu), Vec::new());
    assert!(
        matches!(&posted(&acts)[..], [Act::Post(Request::Segment { .. }, files)] if files == &["b"])
    );
}

#[test]
fn an_engine_that_loses_its_gpu_while_it_starts_is_started_once_more() {
    let mut hub = ready(1);
    hub.start(1, other_weights("own.bpk"));
    let lost = Reply::LostGpu { detail: "d".into() };
    let acts = hub.receive(lost, Vec::new());
    assert!(acts.contains(&Act::Connect), "{acts:?}");
    let again = [start(BackendChoice::Auto, "own.bpk", false)];
    assert_eq!(hub.receive(Reply::Ready, Vec::new()), again);
    hub.send(1, photo(1), vec!["a"]);
    let acts = hub.receive(started(BackendChoice::Auto), Vec::new());
    assert!(matches!(
        &posted(&acts)[..],
        [Act::Post(Request::Segment { .. }, _)]
    ));
}

#[test]
fn a_lost_gpu_gets_a_second_chance() {
    let lost = || Reply::LostGpu { detail: "d".into() };
    let mut hub = ready(1);
    hub.send(1, photo(1), vec!["a"]);
    let again = |hub: &mut Hub<File>, start: Act<File>| {
        let acts = hub.receive(lost(), Vec::new());
        assert!(acts.contains(&Act::Connect), "{acts:?}");
        assert!(matches!(told(&acts)[..], [(1, Reply::Crashed { .. })]));
        assert_eq!(hub.receive(Reply::Ready, Vec::new()), [start]);
        let acts = hub.receive(started(BackendChoice::Auto), Vec::new());
        wire(&acts)
    };
    let on_gpu = || usual_start(BackendChoice::Auto);
    let on_cpu = || start(BackendChoice::Cpu, USUAL, true);
    let job = again(&mut hub, on_gpu());
    hub.receive(segmented(job), vec!["map"]);
    // Whenever a photo has been done in between.
    hub.send(1, photo(2), vec!["b"]);
    again(&mut hub, on_gpu());
    let job = again(&mut hub, on_cpu());
    let acts = hub.receive(segmented(job), vec!["map"]);
    assert!(matches!(
        told(&acts)[..],
        [(1, Reply::Segmented { job: 2, .. })]
    ));
    // What was to stop needs no other worker.
    hub.send(1, photo(3), vec!["c"]);
    hub.send(1, Request::Cancel { job: 3 }, Vec::new());
    let acts = hub.receive(lost(), Vec::new());
    assert!(told(&acts).contains(&(1, Reply::Cancelled { job: 3 })));
}

#[test]
fn a_gpu_is_looked_for_by_a_new_worker() {
    let on = |backend, reason, choice| Reply::Started {
        engine: EngineInfo {
            backend,
            reason,
            ..engine(choice)
        },
    };
    let lacking = |choice| on(Backend::Cpu, Reason::NoAdapter, choice);
    let mut hub = Hub::<File>::new(USUAL.into());
    let part = hub.join();
    hub.begin(part, Wish::default());
    hub.receive(Reply::Ready, Vec::new());
    hub.receive(lacking(BackendChoice::Auto), Vec::new());
    // Where there never was one it has to be asked for by its name.
    let acts = hub.start(part, wish(BackendChoice::Auto));
    assert!(matches!(acts[..], [Act::Tell(..)]), "{acts:?}");
    assert_eq!(hub.start(part, wish(BackendChoice::WebGpu)), [Act::Connect]);
    hub.receive(Reply::Ready, Vec::new());
    let running = on(Backend::WebGpu, Reason::Chosen, BackendChoice::WebGpu);
    hub.receive(running, Vec::new());
    let by_cpu = [usual_start(BackendChoice::Cpu)];
    assert_eq!(hub.start(part, wish(BackendChoice::Cpu)), by_cpu);
    let chosen = on(Backend::Cpu, Reason::Chosen, BackendChoice::Cpu);
    hub.receive(chosen, Vec::new());
    let by_any = [usual_start(BackendChoice::Auto)];
    assert_eq!(hub.start(part, wish(BackendChoice::Auto)), by_any);
    hub.receive(lacking(BackendChoice::Auto), Vec::new());
    // Who comes later is content with what runs, and with the photo in work.
    hub.send(part, photo(1), vec!["a"]);
    let later = hub.join();
    let acts = hub.begin(later, Wish::default());
    assert!(matches!(acts[..], [Act::Tell(..)]), "{acts:?}");
    let job = hub.in_flight.as_ref().and_then(InFlight::as_photo);
    let job = job.map(|photo| photo.wire);
    hub.receive(segmented(job.unwrap_or_default()), vec!["map"]);
    assert_eq!(hub.start(part, wish(BackendChoice::Auto)), [Act::Connect]);
    // One that was refused is asked for by a new worker, too.
    hub.receive(Reply::Ready, Vec::new());
    let chosen = on(Backend::Cpu, Reason::Chosen, BackendChoice::Cpu);
    hub.receive(chosen, Vec::new());
    let by_gpu = [usual_start(BackendChoice::WebGpu)];
    assert_eq!(hub.start(part, wish(BackendChoice::WebGpu)), by_gpu);
    hub.receive(not_started(FailureKind::Device), Vec::new());
    assert_eq!(hub.start(part, wish(BackendChoice::WebGpu)), [Act::Connect]);
}

#[test]
fn a_program_that_comes_for_a_picture_says_nothing_of_an_engine() {
    let mut hub = ready(1);
    let measure = Request::Measure {
        job: 1,
        map: Size {
            width: 1,
            height: 1,
        },
        threshold: 0.5,
    };
    let loading = || Reply::Progress {
        job: None,
        stage: Stage::Compiling,
    };
    hub.receive(Reply::Crashed { detail: "d".into() }, Vec::new());
    for _ in 0..2 {
        hub.lost("d");
    }
    assert_eq!(hub.send(1, measure, vec!["map"]), [Act::Connect]);
    assert_eq!(hub.receive(loading(), Vec::new()), []);
    hub.start(1, wish(BackendChoice::Auto));
    let acts = hub.receive(loading(), Vec::new());
    assert_eq!(told(&acts), [(1, loading())]);
}

#[test]
fn what_crashes_takes_nothing_else_along() {
    let measure = |job| Request::Measure {
        job,
        map: Size {
            width: 1,
            height: 1,
        },
        threshold: 0.5,
    };
    let mut hub = ready(1);
    hub.send(1, photo(1), vec!["a"]);
    hub.send(1, measure(2), vec!["map"]);
    // Nobody knows which of the two did it: now they go one by one.
    hub.lost("d");
    let acts = hub.receive(Reply::Ready, Vec::new());
    assert!(
        matches!(posted(&acts)[..], [Act::Post(Request::Measure { .. }, _)]),
        "{acts:?}"
    );
    hub.lost("d");
    let acts = hub.receive(Reply::Ready, Vec::new());
    assert!(matches!(
        posted(&acts)[..],
        [Act::Post(Request::Measure { .. }, _)]
    ));
    let acts = hub.lost("d");
    let failed = told(&acts)
        .into_iter()
        .filter_map(|(_, reply)| reply.job())
        .collect::<Vec<_>>();
    assert_eq!(failed, [2], "{acts:?}");
    hub.receive(Reply::Ready, Vec::new());
    let acts = hub.receive(started(BackendChoice::Cpu), Vec::new());
    let job = wire(&acts);
    assert!(matches!(
        posted(&acts)[..],
        [Act::Post(Request::Segment { .. }, _)]
    ));
    // Beside the photo nothing goes until it is answered.
    assert_eq!(hub.send(1, measure(3), vec!["map"]), []);
    let acts = hub.receive(segmented(job), vec!["map"]);
    assert!(matches!(
        posted(&acts)[..],
        [Act::Post(Request::Measure { .. }, _)]
    ));
    hub.send(1, photo(4), vec!["b"]);
    assert!(hub.in_flight.is_some() && hub.extra.is_some());
}

#[test]
fn own_weights_wait_for_the_photo_in_work() {
    let mut hub = ready(1);
    let job = wire(&hub.send(1, photo(1), vec!["a"]));
    hub.send(1, photo(2), vec!["b"]);
    assert_eq!(hub.use_weights(1, "own".into(), "own"), []);
    let acts = hub.receive(segmented(job), vec!["map"]);
    let own = own_start(BackendChoice::Auto, "own", 1, false);
    assert_eq!(posted(&acts), [own]);
    // Another backend that is asked for meanwhile is theirs too; and they are not of the one that is lost.
    let mut hub = ready(1);
    hub.send(1, photo(1), vec!["a"]);
    hub.use_weights(1, "own".into(), "own");
    hub.start(1, wish(BackendChoice::WebGpu));
    let acts = hub.receive(Reply::Ready, Vec::new());
    let own = own_start(BackendChoice::WebGpu, "own", 1, false);
    assert_eq!(acts, [own]);
    let mut hub = ready(1);
    hub.send(1, photo(1), vec!["a"]);
    hub.use_weights(1, "own".into(), "own");
    hub.lost("d");
    let acts = hub.receive(Reply::Ready, Vec::new());
    assert_eq!(acts, [own_start(BackendChoice::Cpu, "own", 1, true)]);
}

#[test]
fn own_weights_that_crash_give_way_to_those_before() {
    let mut hub = ready(1);
    hub.use_weights(1, "own".into(), "own");
    hub.lost("d");
    let acts = hub.receive(Reply::Ready, Vec::new());
    assert_eq!(acts, [own_start(BackendChoice::Cpu, "own", 1, true)]);
    let acts = hub.lost("d");
    let refused = |(_, reply): &(MemberId, Reply)| matches!(reply, Reply::Refused { failure } if failure.kind == FailureKind::OtherWeights);
    assert!(told(&acts).iter().any(refused), "{acts:?}");
    let acts = hub.receive(Reply::Ready, Vec::new());
    assert_eq!(acts, [start(BackendChoice::Cpu, USUAL, true)]);
}

#[test]
fn own_weights_that_cannot_be_had_give_way_to_those_that_would_be_here() {
    let bad = || not_started(FailureKind::OtherWeights);
    // To those that ran, on the CPU where the GPU was lost.
    let mut hub = ready(1);
    hub.send(1, photo(1), vec!["a"]);
    hub.use_weights(1, "own".into(), "own");
    hub.lost("d");
    hub.receive(Reply::Ready, Vec::new());
    let acts = hub.receive(bad(), Vec::new());
    assert!(matches!(told(&acts)[..], [(1, Reply::Refused { .. })]));
    assert_eq!(posted(&acts), [start(BackendChoice::Cpu, USUAL, true)]);
    // To those before, where what ran are the very ones, whose file is gone by now.
    let mut hub = ready(1);
    hub.use_weights(1, "own".into(), "own");
    hub.receive(started(BackendChoice::Auto), Vec::new());
    hub.lost("d");
    hub.receive(Reply::Ready, Vec::new());
    let acts = hub.receive(bad(), Vec::new());
    assert!(matches!(told(&acts)[..], [(1, Reply::Refused { .. })]));
    assert_eq!(posted(&acts), [start(BackendChoice::Cpu, USUAL, true)]);
    // And from there to none, not round and round.
    let acts = hub.receive(not_started(FailureKind::Weights), Vec::new());
    assert_eq!(told(&acts), [(1, not_started(FailureKind::Weights))]);
    let mut hub = ready(1);
    hub.use_weights(1, "own".into(), "own");
    hub.receive(started(BackendChoice::Auto), Vec::new());
    let ends = |acts: &[Act<File>]| {
        let is_end = |(_, reply): &(MemberId, Reply)| matches!(reply, Reply::NotStarted { .. });
        told(acts).iter().any(is_end)
    };
    let mut crashes = 0;
    while !ends(&hub.lost("d")) {
        hub.receive(Reply::Ready, Vec::new());
        crashes += 1;
        assert!(crashes < 10, "for ever");
    }
    // To those that were asked for before, though they never ran.
    let mut hub = Hub::<File>::new(USUAL.into());
    let part = hub.join();
    hub.begin(part, other_weights("open"));
    hub.use_weights(part, "own".into(), "own");
    let acts = hub.receive(Reply::Ready, Vec::new());
    assert_eq!(acts, [own_start(BackendChoice::Auto, "own", 1, false)]);
    let acts = hub.receive(bad(), Vec::new());
    assert_eq!(posted(&acts), [start(BackendChoice::Auto, "open", false)]);
    // To none where those can't be had either.
    let acts = hub.receive(not_started(FailureKind::Weights), Vec::new());
    assert_eq!(told(&acts), [(part, not_started(FailureKind::Weights))]);
}

#[test]
fn a_refusal_is_told_to_who_wished_what_is_lacking() {
    // Weights to who named them, not to who asked for a backend alone.
    for names_first in [true, false] {
        let mut hub = Hub::<File>::new(USUAL.into());
        let [one, other] = [hub.join(), hub.join()];
        let missing = || other_weights("missing.bpk");
        if names_first {
            hub.begin(one, missing());
            hub.begin(other, wish(BackendChoice::Cpu));
        } else {
            hub.begin(other, wish(BackendChoice::Cpu));
            hub.begin(one, missing());
        }
        hub.receive(Reply::Ready, Vec::new());
        let acts = hub.receive(not_started(FailureKind::Weights), Vec::new());
        assert!(
            matches!(told(&acts)[..], [(member, Reply::Refused { .. })] if member == one),
            "{acts:?}"
        );
        assert!(matches!(
            posted(&acts)[..],
            [Act::Post(Request::Start { .. }, _)]
        ));
    }
    // Also where others are to come, unless they are that part's own.
    for (asker, is_told) in [(1, false), (2, true)] {
        let mut hub = ready(2);
        hub.use_weights(1, "bad".into(), "bad");
        hub.use_weights(asker, "own".into(), "own");
        let acts = hub.receive(not_started(FailureKind::OtherWeights), Vec::new());
        assert_eq!(told(&acts).len(), usize::from(is_told), "{acts:?}");
        assert_eq!(
            posted(&acts),
            [own_start(BackendChoice::Auto, "own", 2, false)]
        );
    }
}

#[test]
fn a_gpu_that_is_gone_gives_way_to_what_there_is() {
    let mut hub = ready(1);
    hub.start(1, wish(BackendChoice::WebGpu));
    hub.receive(started(BackendChoice::WebGpu), Vec::new());
    hub.send(1, photo(1), vec!["a"]);
    hub.start(
        1,
        Wish {
            backend: BackendChoice::WebGpu,
            ..other_weights("open")
        },
    );
    hub.receive(Reply::Ready, Vec::new());
    let missing = || not_started(FailureKind::Device);
    let acts = hub.receive(missing(), Vec::new());
    assert_eq!(posted(&acts), [usual_start(BackendChoice::WebGpu)]);
    let acts = hub.receive(missing(), Vec::new());
    assert_eq!(posted(&acts), [usual_start(BackendChoice::Auto)]);
    let acts = hub.receive(missing(), Vec::new());
    assert_eq!(told(&acts), [(1, missing())]);
}

#[test]
fn weights_that_were_refused_are_not_gone_back_to() {
    let mut hub = Hub::<File>::new(USUAL.into());
    let [one, other] = [hub.join(), hub.join()];
    hub.begin(one, Wish::default());
    hub.begin(other, other_weights("missing.bpk"));
    hub.receive(Reply::Ready, Vec::new());
    hub.use_weights(other, "own".into(), "own");
    hub.receive(not_started(FailureKind::Weights), Vec::new());
    let acts = hub.receive(not_started(FailureKind::OtherWeights), Vec::new());
    assert_eq!(posted(&acts), [usual_start(BackendChoice::Auto)]);
}

#[test]
fn a_first_start_that_crashes_takes_the_next_one_to_the_cpu() {
    let mut hub = Hub::<File>::new(USUAL.into());
    let part = hub.join();
    hub.begin(part, Wish::default());
    hub.receive(Reply::Ready, Vec::new());
    hub.use_weights(part, "own".into(), "own");
    hub.lost("d");
    let acts = hub.receive(Reply::Ready, Vec::new());
    assert_eq!(acts, [own_start(BackendChoice::Cpu, "own", 1, true)]);
}

#[test]
fn weights_that_were_replaced_come_back_when_they_are_named() {
    let named = || other_weights(USUAL);
    for is_begun in [false, true] {
        let mut hub = ready(1);
        hub.use_weights(1, "own".into(), "own");
        hub.receive(started(BackendChoice::Auto), Vec::new());
        // Another backend alone, or a part without a wish, is content with a person's own.
        let other = hub.join();
        assert_eq!(told(&hub.begin(other, Wish::default())).len(), 1);
        let acts = if is_begun {
            let third = hub.join();
            hub.begin(third, named())
        } else {
            hub.start(1, named())
        };
        assert_eq!(acts, [usual_start(BackendChoice::Auto)]);
        hub.receive(started(BackendChoice::Auto), Vec::new());
        // Nor do the others come back with another worker.
        hub.lost("d");
        let acts = hub.receive(Reply::Ready, Vec::new());
        assert_eq!(acts, [start(BackendChoice::Cpu, USUAL, true)]);
    }
    // Where they can't be had a person's own go on.
    let mut hub = ready(1);
    hub.use_weights(1, "own".into(), "own");
    hub.receive(started(BackendChoice::Auto), Vec::new());
    hub.start(1, named());
    let acts = hub.receive(not_started(FailureKind::Weights), Vec::new());
    assert!(matches!(
        acts[..],
        [
            Act::Tell(1, Reply::Refused { .. }, _),
            Act::Tell(1, Reply::Started { .. }, _)
        ]
    ));
    // Those on their way are overtaken.
    let mut hub = ready(1);
    hub.use_weights(1, "own".into(), "own");
    assert_eq!(hub.start(1, named()), [Act::Connect]);
    let acts = hub.receive(Reply::Ready, Vec::new());
    assert_eq!(acts, [usual_start(BackendChoice::Auto)]);
}

#[test]
fn own_weights_outlive_a_backend_that_is_missing_and_weights_that_cannot_be_had() {
    let mut hub = Hub::<File>::new(USUAL.into());
    let part = hub.join();
    hub.begin(part, wish(BackendChoice::WebGpu));
    hub.receive(Reply::Ready, Vec::new());
    hub.use_weights(part, "own".into(), "own");
    let acts = hub.receive(not_started(FailureKind::Device), Vec::new());
    assert!(matches!(told(&acts)[..], [(1, Reply::Refused { .. })]));
    let own = own_start(BackendChoice::Auto, "own", 1, false);
    assert_eq!(posted(&acts), [own]);
    // Those of the page are not needed for them, and the backend that was chosen stays.
    let mut hub = Hub::<File>::new(USUAL.into());
    let part = hub.join();
    hub.begin(part, wish(BackendChoice::Cpu));
    hub.receive(Reply::Ready, Vec::new());
    hub.use_weights(part, "own".into(), "own");
    let acts = hub.receive(not_started(FailureKind::Weights), Vec::new());
    let own = own_start(BackendChoice::Cpu, "own", 1, false);
    assert_eq!(acts, [own]);
    // Also when they are brought only then.
    let mut hub = Hub::<File>::new(USUAL.into());
    let part = hub.join();
    hub.begin(part, wish(BackendChoice::Cpu));
    hub.receive(Reply::Ready, Vec::new());
    hub.receive(not_started(FailureKind::Weights), Vec::new());
    let acts = hub.use_weights(part, "own".into(), "own");
    assert_eq!(acts, [own_start(BackendChoice::Cpu, "own", 1, false)]);
}

#[test]
fn an_engine_that_crashes_at_every_start_is_given_up() {
    let mut hub = ready(1);
    hub.start(1, wish(BackendChoice::WebGpu));
    hub.lost("d");
    let acts = hub.receive(Reply::Ready, Vec::new());
    assert_eq!(acts, [start(BackendChoice::Cpu, USUAL, true)]);
    let acts = hub.lost("d");
    assert!(matches!(
        told(&acts)[..],
        [(1, Reply::Crashed { .. }), (1, Reply::NotStarted { .. })]
    ));
    assert!(!acts.contains(&Act::Connect), "not for ever");
    // Until somebody asks again, also one who comes only now.
    let second = hub.join();
    assert_eq!(hub.begin(second, Wish::default()), [Act::Connect]);
}

#[test]
fn who_asks_again_without_a_wish_gets_the_weights_that_ran_last() {
    let mut hub = ready(1);
    hub.start(1, other_weights("other.bpk"));
    hub.receive(started(BackendChoice::Auto), Vec::new());
    hub.send(1, photo(1), vec!["a"]);
    hub.lost("d");
    hub.receive(Reply::Ready, Vec::new());
    hub.lost("d");
    hub.start(1, wish(BackendChoice::Auto));
    let acts = hub.receive(Reply::Ready, Vec::new());
    assert_eq!(acts, [start(BackendChoice::Auto, "other.bpk", false)]);
}

#[test]
fn a_program_that_does_not_load_is_tried_twice() {
    let mut hub = Hub::<File>::new(USUAL.into());
    let part = hub.join();
    hub.begin(part, Wish::default());
    assert_eq!(hub.lost("d"), [Act::Disconnect, Act::Connect]);
    let acts = hub.lost("d");
    assert!(matches!(told(&acts)[..], [(_, Reply::NotStarted { .. })]));
    assert!(!acts.contains(&Act::Connect));
    assert_eq!(hub.start(part, Wish::default()), [Act::Connect]);
    let acts = hub.cannot_connect("old".into());
    assert!(matches!(told(&acts)[..], [(_, Reply::NotStarted { .. })]));
}

#[test]
fn the_latest_wish_counts() {
    let mut hub = ready(3);
    hub.send(1, photo(1), vec!["a"]);
    assert!(
        hub.start(1, other_weights("own.bpk"))
            .contains(&Act::Connect)
    );
    // The same wish again is one start, another one takes its place, and weights for those before are forgotten.
    assert_eq!(hub.start(2, other_weights("own.bpk")), []);
    assert_eq!(hub.use_weights(3, "old".into(), "old"), []);
    assert_eq!(hub.start(3, other_weights("new.bpk")), []);
    let acts = hub.receive(Reply::Ready, Vec::new());
    assert_eq!(acts, [start(BackendChoice::Auto, "new.bpk", false)]);
    assert_eq!(
        told(&hub.receive(started(BackendChoice::Auto), Vec::new())).len(),
        3
    );
}

#[test]
fn progress_of_the_engine_is_everybodys_and_of_a_photo_its_askers() {
    let mut hub = ready(2);
    let progress = |job| Reply::Progress {
        job,
        stage: Stage::Decoding,
    };
    let first = wire(&hub.send(2, photo(4), vec!["a"]));
    assert_eq!(
        told(&hub.receive(progress(Some(first)), Vec::new())),
        [(2, progress(Some(4)))]
    );
    let size = Size {
        width: 1,
        height: 1,
    };
    let decoded = |job| Reply::Decoded {
        job,
        photo: size,
        plan: Plan::new(size, Settings::default(), 1.0),
    };
    assert_eq!(
        told(&hub.receive(decoded(first), vec!["p"])),
        [(2, decoded(4))]
    );
    hub.start(1, wish(BackendChoice::Cpu));
    assert_eq!(told(&hub.receive(progress(None), Vec::new())).len(), 2);
}
