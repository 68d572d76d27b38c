//! A state of 1,000, 100,000 and 1,000,000 entries by `Uuid`: reads and writes by path,
//! text, address and changeset, transactions, and observed writes.

mod entry;
mod observed;
mod transactions;

use bench_harness::{Options, Report, grouped};
use parking_lot::RwLock;
use sprag::{Model, create_model};

use crate::fleet::{Device, Fleet, Turns};

/// The name of the floor.
const LOCK: &str = "by hand, `RwLock<T>`";

/// All sizes.
pub(crate) fn run(options: &Options, report: &mut Report) {
    transactions::writes(&All::of(10), options, report);
    for entries in [1_000, 100_000, options.pick(1_000_000, 200_000)] {
        let all = All::of(entries);
        entry::get(&all, options, report);
        entry::set(&all, options, report);
        transactions::push(&all, options, report);
        transactions::writes(&all, options, report);
        observed::each(&all, options, report);
        observed::changes(&all, options, report);
    }
}

/// The contestants, filled.
struct All {
    entries: u64,
    lock: RwLock<Fleet>,
    model: Model<Fleet>,
    turns: Turns,
}

impl All {
    fn of(entries: u64) -> Self {
        let fleet = Fleet::of(entries);
        let model = create_model("fleet", fleet.clone());
        let turns = Turns::of(entries);
        // The first write parts the state from the initial one, which the model keeps.
        model.set(Fleet::PATHS.count, 1);
        Self { entries, lock: RwLock::new(fleet), model, turns }
    }

    fn case(&self) -> String {
        format!("{} entries", grouped(self.entries))
    }

    /// Writes by hand what the others write.
    fn by_hand(&self) {
        let (id, value) = self.turns.next_id();
        self.lock.write().devices.get_mut(&id).expect("the device is there").status = value;
    }

    /// Writes by path.
    fn by_path(&self) {
        let (id, value) = self.turns.next_id();
        let status = Fleet::PATHS.devices.key(id).then(Device::PATHS.status);
        self.model.set(status, value).expect("the device is there");
    }
}
