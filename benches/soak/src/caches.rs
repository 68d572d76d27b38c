//! Caches that depend on a model which is written all the time. Once a write has returned, no
//! read gives an older value; and no reader ever goes back to an older value.

use std::collections::HashMap;
use std::thread::Scope;

use sprag::prelude::*;

use crate::findings::{Counter, Findings};

const READERS: u64 = 2;
const DEVICES: u64 = 100;

#[derive(Model, Clone, Default, PartialEq)]
struct House {
    clock: u64,
    devices: HashMap<u64, u64>,
}

/// The caches of a house.
#[derive(Clone)]
struct Derived {
    house: Model<House>,
    /// The house's clock.
    clock: Cache<u64>,
    /// The clock of `clock`: a cache of a cache.
    second: Cache<u64>,
    /// The devices' values, each emptied by its own key.
    devices: KeyedCache<u64, u64>,
}

impl Derived {
    fn of(house: &Model<House>) -> Result<Self, sprag::error::CacheBuildError> {
        let clock =
            create_cache::<u64>("clock").depends_on_path(house, House::PATHS.clock).build()?;
        let second = create_cache::<u64>("second").depends_on_cache(&clock).build()?;
        let devices = create_keyed_cache::<u64, u64>("devices")
            .entry_depends_on_path(house, |id: &u64| House::PATHS.devices.key(*id))
            .build()?;
        Ok(Self { house: house.clone(), clock, second, devices })
    }

    fn clock(&self) -> u64 {
        self.clock.get_or_compute(|| self.house.get(House::PATHS.clock))
    }

    fn second(&self) -> u64 {
        self.second.get_or_compute(|| self.clock())
    }

    fn device(&self, id: u64) -> u64 {
        let place = House::PATHS.devices.key(id);
        self.devices.get_or_compute(&id, || self.house.get(place).unwrap_or_default())
    }

    /// Looks at the caches after a write of `n`, which is also the value of the device.
    fn after_write(&self, n: u64, findings: &Findings) {
        for read in [self.clock(), self.second(), self.device(n % DEVICES)] {
            findings.expect(read == n, Counter::Stale);
        }
        findings.add(Counter::CacheReads, 3);
    }

    /// Looks at the caches until the round is over.
    fn read(&self, findings: &Findings) {
        let mut last = (0, 0, [0; DEVICES as usize]);
        for id in (0..DEVICES).cycle().take_while(|_| !findings.is_over()) {
            let pairs = [
                (&mut last.0, self.clock()),
                (&mut last.1, self.second()),
                (&mut last.2[id as usize], self.device(id)),
            ];
            for (last, next) in pairs {
                findings.expect(next >= *last, Counter::OutOfOrder);
                *last = next;
            }
            findings.add(Counter::CacheReads, 3);
        }
    }
}

pub(crate) fn load<'scope>(scope: &'scope Scope<'scope, '_>, findings: &'static Findings) {
    let house = create_model("house", House::default());
    let derived = match Derived::of(&house) {
        Ok(derived) => derived,
        Err(error) => return eprintln!("{error}"),
    };
    for _ in 0..READERS {
        let derived = derived.clone();
        scope.spawn(move || derived.read(findings));
    }
    scope.spawn(move || {
        for n in (1..).take_while(|_| !findings.is_over()) {
            house.set(House::PATHS.clock, n);
            house.insert(House::PATHS.devices, n % DEVICES, n);
            derived.after_write(n, findings);
            findings.add(Counter::Writes, 2);
        }
    });
}
