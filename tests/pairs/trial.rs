//! [`Trial`]: one operation in one setting, with faults, and what has to hold afterwards.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use test_support::faults::{Armed, Gate, Method, Runs, Site, arm, count_by, disarm};

use crate::operations::Operation;
use crate::users::k;
use crate::world::{Ping, Plain, Setting, Stage, World};

/// Longer than any trial takes on a busy machine.
const HANG: Duration = Duration::from_secs(30);

pub struct Trial {
    operation: Operation,
    setting: Setting,
    outcomes: Outcomes,
}

/// States and versions that the operation can lead to: those of a failure and of a success.
type Outcomes = [(u64, Plain); 2];

impl Trial {
    pub fn new(operation: &Operation, setting: Setting) -> Self {
        let world = World::new(setting);
        let before = world.state();
        (operation.1)(&world);
        Self { operation: *operation, setting, outcomes: [before, world.state()] }
    }

    /// How often the code of each site runs where nothing fails.
    pub fn runs(&self) -> Runs {
        let world = World::new(self.setting);
        arm(vec![], None);
        (self.operation.1)(&world);
        disarm()
    }

    /// Runs the operation with the faults of `plan`.
    pub fn run(&self, plan: Vec<Armed>) -> Result<(), String> {
        let what = format!("{}, {:?}, {plan:?}", self.operation.0, self.setting);
        let leaks = plan.iter().any(|armed| is_drop(armed.site));
        let alive = Arc::new(());
        count_by(&alive);
        let outcomes = self.outcomes.clone();
        let world = Arc::new(World::new(self.setting));
        self.operate(&world, &alive, plan).map_err(|hang| format!("{what}: {hang}"))?;
        let (operation, setting, counted) = (self.operation, self.setting, Arc::clone(&alive));
        let check = move || {
            count_by(&counted);
            let world = Arc::into_inner(world).expect("the operation has ended");
            let checked = check(world, setting, &outcomes, operation);
            count_by(&Arc::default());
            checked
        };
        let checked = catch_unwind(AssertUnwindSafe(|| test_support::within(HANG, check)));
        count_by(&Arc::default());
        let checked = checked.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            Err(format!("the checks panicked: {}", text.unwrap_or_default()))
        });
        checked.map_err(|wrong| format!("{what}: {wrong}"))?;
        match Arc::strong_count(&alive) {
            1 => Ok(()),
            // Where the drop of one value panics, `HashMap` leaks the others.
            _ if leaks => Ok(()),
            more => Err(format!("{what}: {} values are left", more - 1)),
        }
    }

    /// Runs the operation on a thread of its own. While its code hangs, others are served.
    fn operate(
        &self,
        world: &Arc<World>,
        alive: &Arc<()>,
        armed: Vec<Armed>,
    ) -> Result<(), String> {
        let (hung, hangs) = channel();
        let (gate, go) = Gate::new(move |site| hung.send(site).unwrap_or_default());
        let (operation, own, alive) = (self.operation.1, Arc::clone(world), Arc::clone(alive));
        let thread = thread::spawn(move || {
            count_by(&alive);
            arm(armed, Some(gate));
            let outcome = catch_unwind(AssertUnwindSafe(|| operation(&own)));
            // A payload may panic when it is dropped.
            outcome.unwrap_or_else(std::mem::forget);
            disarm();
        });
        loop {
            match hangs.recv_timeout(HANG) {
                Ok(site) => {
                    let (world, setting) = (Arc::clone(world), self.setting);
                    test_support::within(HANG, move || others(&world, site, setting));
                    go.send(()).unwrap();
                }
                Err(RecvTimeoutError::Timeout) => return Err("it hangs".into()),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        thread.join().map_err(|_| "the faults outlived the operation".into())
    }
}

fn is_drop(site: Site) -> bool {
    matches!(site, Site::Value(Method::Drop) | Site::Key(Method::Drop))
}

/// Whether no lock of the state is held, so that its readers are served while the code hangs.
fn is_outside_locks(site: Site) -> bool {
    matches!(site, Site::Callback | Site::Compute | Site::Listener | Site::OnInvalidate)
}

/// Others are served while the code of `site` hangs.
fn others(world: &World, site: Site, setting: Setting) {
    let other = World::new(setting);
    other.stage.set(Stage::PATHS.number, 7);
    assert!(other.values().iter().all(|(is, should)| is == should));
    if is_outside_locks(site) {
        world.state();
        world.bus.emit(Ping);
        world.stage.update_at(Stage::PATHS.number, |_| ());
    }
}

fn check(
    mut world: World,
    setting: Setting,
    outcomes: &Outcomes,
    operation: Operation,
) -> Result<(), String> {
    world.stage.flush();
    let (version, state) = world.state();
    let [before, after] = outcomes;
    if state != before.1 && state != after.1 {
        return Err(format!("the state is {state:?}, neither {before:?} nor {after:?}"));
    }
    let expected = if state == before.1 { before.0..=after.0 } else { after.0..=after.0 };
    // Others have written while the code hung.
    if !(*expected.start()..=expected.end() + 2).contains(&version) {
        return Err(format!("the version is {version}, not {expected:?}"));
    }
    shown(&world, setting)?;
    world.follow()?;
    serve(&world)?;
    world.follow()?;
    (operation.1)(&world);
    world.stage.flush();
    shown(&world, setting)?;
    world.follow()?;
    fresh(&world)
}

/// Subscribers of the whole were shown the latest state last, and each version once.
fn shown(world: &World, setting: Setting) -> Result<(), String> {
    let wholes = world.wholes.lock().unwrap();
    let own = world.state();
    if !wholes.is_sorted_by(|a, b| a.0 < b.0) {
        return Err(format!("versions out of order: {wholes:?}"));
    }
    match wholes.last() {
        Some(last) if setting != Setting::Alone && (last.1 != own.1 || last.0 > own.0) => {
            Err(format!("{last:?} was shown last, and the state is {own:?}"))
        }
        _ => Ok(()),
    }
}

fn fresh(world: &World) -> Result<(), String> {
    let values = world.values();
    let stale = values.iter().any(|(is, should)| is != should);
    if stale { Err(format!("stale caches: {values:?}")) } else { Ok(()) }
}

/// Writes, reads and events go on as if nothing had happened.
fn serve(world: &World) -> Result<(), String> {
    let (version, pings) = (world.stage.version(), world.pings.lock().unwrap().len());
    let number = world.stage.get(Stage::PATHS.number) + 100;
    world.stage.set(Stage::PATHS.number, number);
    world.stage.flush();
    world.bus.emit(Ping);
    let seen = world.numbers.lock().unwrap().last().copied();
    let served = (world.stage.version(), seen, world.pings.lock().unwrap().len());
    if served != (version + 1, Some(number), pings + 1) {
        return Err(format!("served {served:?} after version {version}"));
    }
    fresh(world)?;
    if let Some(history) = &world.history {
        history.undo().map_err(|error| format!("undo: {error}"))?;
        if world.stage.get(Stage::PATHS.number) != number - 100 {
            return Err("undo takes something else back".into());
        }
    }
    drop(world.keyed.get(&k(1)));
    fresh(world)
}
