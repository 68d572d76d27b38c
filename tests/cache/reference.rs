//! Any program of writes and reads against a plain reference.

use std::time::Duration;

use proptest::prelude::*;
use sprag::cache::ManualClock;
use sprag::prelude::*;

use crate::support::*;

#[derive(Clone, Debug)]
enum Step {
    Get(usize),
    Compute(usize, u32),
    Fail(usize),
    Set(usize, u32, u64),
    Invalidate(usize),
    Emit,
    Advance(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0..4_usize;
    prop_oneof![
        which.clone().prop_map(Step::Get),
        (which.clone(), any::<u32>()).prop_map(|(c, v)| Step::Compute(c, v)),
        which.clone().prop_map(Step::Fail),
        (which.clone(), any::<u32>(), 0..20_u64).prop_map(|(c, v, ttl)| Step::Set(c, v, ttl)),
        which.prop_map(Step::Invalidate),
        Just(Step::Emit),
        (0..8_u64).prop_map(Step::Advance),
    ]
}

/// A plain reference of caches: 0 depends on the event, 1 and 2 on 0, 3 on 1 and 2.
#[derive(Default)]
struct Reference {
    now: u64,
    values: [Option<(u32, u64)>; 4],
    invalidations: [u64; 4],
}

impl Reference {
    const TTL: u64 = 10;
    const BELOW: [&'static [usize]; 4] = [&[1, 2, 3], &[3], &[3], &[]];

    fn get(&self, cache: usize) -> Option<u32> {
        self.values[cache].filter(|(_, deadline)| self.now < *deadline).map(|(value, _)| value)
    }

    fn set(&mut self, cache: usize, value: u32, ttl: u64) {
        let deadline = if ttl == 0 { u64::MAX } else { self.now + ttl };
        self.values[cache] = Some((value, deadline));
    }

    fn clear(&mut self, cache: usize) {
        self.values[cache] = None;
        self.invalidations[cache] += 1;
    }

    fn clear_below(&mut self, cache: usize) {
        Self::BELOW[cache].iter().for_each(|below| self.clear(*below));
    }
}

proptest! {
    #[test]
    fn any_program_does_what_a_plain_reference_does(
        program in proptest::collection::vec(step(), 1..120),
    ) {
        let (bus, clock) = (Bus::new(), ManualClock::new());
        let seconds = Duration::from_secs;
        let cache = |name| {
            cache::<u32>(&bus, name).clock(clock.clone()).ttl(seconds(Reference::TTL))
        };
        let top = cache("top").depends_on::<MountChanged>().build().unwrap();
        let left = cache("left").depends_on_cache(&top).build().unwrap();
        let right = cache("right").depends_on_topic(&top.invalidated()).build().unwrap();
        let bottom =
            cache("bottom").depends_on_cache(&left).depends_on_cache(&right).build().unwrap();
        let caches = [top, left, right, bottom];
        let mut reference = Reference::default();

        for step in program {
            match step {
                Step::Get(c) => prop_assert_eq!(caches[c].get(), reference.get(c)),
                Step::Compute(c, v) => {
                    let expected = reference.get(c).unwrap_or_else(|| {
                        reference.set(c, v, Reference::TTL);
                        v
                    });
                    prop_assert_eq!(caches[c].get_or_compute(|| v), expected);
                }
                Step::Fail(c) => {
                    let outcome = caches[c].try_get_or_compute(|| Err(Unplugged));
                    prop_assert_eq!(outcome.ok(), reference.get(c));
                }
                Step::Set(c, v, ttl) => {
                    caches[c].set_with_ttl(v, seconds(ttl));
                    reference.set(c, v, ttl);
                    reference.clear_below(c);
                }
                Step::Invalidate(c) => {
                    caches[c].invalidate();
                    reference.clear(c);
                    reference.clear_below(c);
                }
                Step::Emit => {
                    bus.emit(MountChanged);
                    reference.clear(0);
                    reference.clear_below(0);
                }
                Step::Advance(by) => {
                    clock.advance(seconds(by));
                    reference.now += by;
                }
            }
            let invalidations = caches.each_ref().map(|cache| cache.stats().invalidations);
            prop_assert_eq!(invalidations, reference.invalidations);
        }
    }
}
