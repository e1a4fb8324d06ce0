use wasm_core::api::RunStatus;
use wasm_core::upload::Counts;

use super::*;

/// Begun at 0 ms; what follows happens 10 ms after one another.
struct Course(Rc<Work>, f64);

impl Course {
    fn begin(step: Step) -> Self {
        Self(Rc::new(Work::new(0.0)), 0.0).after(Action::Begin(step))
    }

    fn after(self, action: Action) -> Self {
        let now_ms = self.1 + 10.0;
        Self(self.0.reduce((now_ms, action)), now_ms)
    }
}

fn uploading(before: Option<usize>, done: usize) -> Step {
    Step::Uploading(Counts { before, done, all: 10, sent_bytes: 0, raw_bytes: 0 }, None)
}

fn half() -> Handed {
    Handed { bytes: 50.0, share: 0.5 }
}

#[test]
fn an_end_stays_one_and_a_failure_after_it_is_not_shown() {
    let course = Course::begin(uploading(None, 0)).after(Action::PauseOrGo);
    assert_eq!((course.0.wish(), course.0.told().0), (Wish::Pause, Wants::Pause));
    let course = course.after(Action::PauseOrGo);
    assert_eq!(course.0.wish(), Wish::Go);
    let failed = || Action::Failed("The storage refused a chunk.".into());
    let course = course.after(Action::Wish(Wish::Stop));
    assert_eq!(course.0.told().0, Wants::Stop);
    // Pressed twice, paused, and left while it is stopping: it is stopped.
    let course = course.after(Action::Wish(Wish::Stop)).after(Action::PauseOrGo).after(Action::Wish(Wish::Leave));
    assert_eq!(course.0.wish(), Wish::Stop);
    assert_eq!(course.after(failed()).0.failure(), None);
    let course = Course::begin(uploading(None, 0)).after(failed());
    assert_eq!(course.0.failure(), Some("The storage refused a chunk."));
}

#[test]
fn a_run_that_may_go_on_after_it_was_stopped_is_said() {
    let course = Course::begin(Step::Running(Following::default())).after(Action::Wish(Wish::Stop));
    let course = course.after(Action::Begin(Step::Stopping));
    assert_eq!((course.0.share(), course.0.failure(), course.0.goes_on()), (0.0, None, None));
    let reason = "The cloud could not be reached: the run may go on.".to_owned();
    let course = course.after(Action::MayGoOn(Unstopped { reason: reason.clone(), address: "#/a".into() }));
    assert_eq!((course.0.failure(), course.0.goes_on()), (Some(reason.as_str()), Some("#/a")));
}

#[test]
fn what_goes_on_while_it_is_stopping_is_shown_until_it_ends() {
    let course = Course::begin(uploading(Some(0), 9)).after(Action::Wish(Wish::Stop));
    let course = course.after(Action::Further(uploading(Some(0), 10))).after(Action::Begin(Step::Concluding));
    assert_eq!((course.0.step(), course.0.wish()), (&Step::Concluding, Wish::Stop));
}

#[test]
fn progress_never_goes_back() {
    let course = Course::begin(uploading(Some(2), 2)).after(Action::Further(uploading(Some(2), 4)));
    let course = course.after(Action::Connect);
    let number = course.0.newest();
    let course = course.after(Action::Handed(number, half()));
    assert!((course.0.share() - 0.45).abs() < 1e-9);
    // What was counted of it is taken back when it fails.
    let course = course.after(Action::Disconnect(number));
    assert_eq!(course.0.under_way(), Handed::default());
    assert!((course.0.share() - 0.45).abs() < 1e-9);
    // What was handed over late of an object that is gone does not count.
    let course = course.after(Action::Handed(number, half()));
    assert_eq!(course.0.under_way(), Handed::default());
    let course = course.after(Action::Further(uploading(Some(2), 3)));
    assert!((course.0.share() - 0.45).abs() < 1e-9, "chunks may be deleted meanwhile");
    assert_eq!(course.after(Action::Begin(Step::Concluding)).0.share(), 0.0, "a step of its own");
}

#[test]
fn objects_are_counted_together_and_apart() {
    let course = Course::begin(Step::Sending(200.0)).after(Action::Connect);
    let first = course.0.newest();
    let course = course.after(Action::Handed(first, half())).after(Action::Connect);
    let second = course.0.newest();
    assert_ne!(first, second);
    let course = course.after(Action::Handed(second, half()));
    assert_eq!(course.0.under_way(), Handed { bytes: 100.0, share: 1.0 });
    assert_eq!(course.0.share(), 0.5);
    let course = course.after(Action::Handed(first, Handed { bytes: 60.0, share: 0.6 }));
    assert_eq!(course.0.under_way().bytes, 110.0);
    let course = course.after(Action::Disconnect(first));
    assert_eq!(course.0.under_way(), half());
}

#[test]
fn on_a_lost_line_whoever_stops_does_not_wait_for_what_is_being_sent() {
    let course = Course::begin(uploading(Some(0), 0)).after(Action::Connect);
    let number = course.0.newest();
    let course = course.after(Action::Heard(Some(Cause::Unreachable)));
    assert_eq!((course.0.line().signal(), course.0.told().1.is_there), (Signal::Lost, false));
    assert_eq!(course.0.gives_up_ms(number), f64::INFINITY);
    let course = course.after(Action::Wish(Wish::Stop));
    assert_eq!(course.0.gives_up_ms(number), f64::NEG_INFINITY);
    // A byte that goes through takes it back.
    let course = course.after(Action::Handed(number, half()));
    assert!(course.0.told().1.is_there && course.0.gives_up_ms(number) == f64::INFINITY);
}

#[test]
fn time_is_counted_from_where_the_step_began() {
    let course = Course::begin(Step::Preparing).after(Action::Asked).after(Action::Begin(uploading(None, 0)));
    assert_eq!(course.0.seconds(), 0.0);
    let course = course.after(Action::Further(uploading(Some(1), 1))).after(Action::Heard(None));
    assert!((course.0.seconds() - 0.02).abs() < 1e-9);
}

#[test]
fn looks_at_a_run_follow_one_another() {
    let look = |done| Action::Looked(Look::Step(RunStatus::Analysing { done, total: 10 }));
    let course = Course::begin(Step::Concluding).after(look(2)).after(Action::Looked(Look::Lost("Silence.".into())));
    let course = course.after(look(6));
    let Step::Running(following) = course.0.step() else { panic!("it runs: {:?}", course.0.step()) };
    let pace = following.pace().expect("there was a look before");
    assert!((pace.seconds - 0.02).abs() < 1e-9 && (pace.share - 0.5).abs() < 1e-9, "{pace:?}");
}
