//! C9: random programs against a plain map with deadlines.

use std::collections::HashMap;
use std::time::Duration;

use proptest::prelude::*;
use sprag::cache::ManualClock;
use sprag::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Get(u8),
    Compute(u8, u32),
    Set(u8, u32, u64),
    Invalidate(u8),
    InvalidateAll,
    Advance(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let key = 0..6_u8;
    prop_oneof![
        key.clone().prop_map(Step::Get),
        (key.clone(), any::<u32>()).prop_map(|(k, v)| Step::Compute(k, v)),
        (key.clone(), any::<u32>(), 0..20_u64).prop_map(|(k, v, ttl)| Step::Set(k, v, ttl)),
        key.prop_map(Step::Invalidate),
        Just(Step::InvalidateAll),
        (0..8_u64).prop_map(Step::Advance),
    ]
}

proptest! {
    #[test]
    fn any_program_does_what_a_map_does(program in proptest::collection::vec(step(), 1..120)) {
        const TTL: u64 = 10;
        let (bus, clock) = (Bus::new(), ManualClock::new());
        let thumbs = create_keyed_cache::<u8, u32>("thumbs")
            .bus(&bus)
            .clock(clock.clone())
            .ttl(Duration::from_secs(TTL))
            .build()
            .unwrap();
        let mut now = 0;
        let mut map: HashMap<u8, (u32, u64)> = HashMap::new();
        for step in program {
            let fresh = |map: &HashMap<u8, (u32, u64)>, key| {
                map.get(&key).filter(|(_, deadline)| now < *deadline).map(|(value, _)| *value)
            };
            match step {
                Step::Get(k) => prop_assert_eq!(thumbs.get(&k), fresh(&map, k)),
                Step::Compute(k, v) => {
                    let expected = fresh(&map, k).unwrap_or_else(|| {
                        map.insert(k, (v, now + TTL));
                        v
                    });
                    prop_assert_eq!(thumbs.get_or_compute(&k, || v), expected);
                }
                Step::Set(k, v, ttl) => {
                    map.insert(k, (v, if ttl == 0 { u64::MAX } else { now + ttl }));
                    thumbs.set_with_ttl(k, v, Duration::from_secs(ttl));
                }
                Step::Invalidate(k) => {
                    map.remove(&k);
                    thumbs.invalidate(&k);
                }
                Step::InvalidateAll => {
                    map.clear();
                    thumbs.invalidate_all();
                }
                Step::Advance(by) => {
                    now += by;
                    clock.advance(Duration::from_secs(by));
                }
            }
            prop_assert_eq!(thumbs.len(), map.len());
        }
    }
}
