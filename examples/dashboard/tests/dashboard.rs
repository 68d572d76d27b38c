//! The counts of the dashboard follow the devices.

use dashboard::{Fleet, Overview, Status, fleet, keep, step};
use sprag::{path, prelude::*};

/// The expected overview, counted from all devices.
fn counted(fleet: &Model<Fleet>) -> (u64, u64, Vec<String>) {
    fleet.read(|fleet| {
        let count =
            |status| fleet.devices.values().filter(|device| device.status == status).count();
        let troubled = fleet.devices.iter().filter(|(_, device)| device.status != Status::Well);
        let keys = troubled.map(|(key, _)| key.clone()).collect();
        (count(Status::Hot) as u64, count(Status::Down) as u64, keys)
    })
}

#[test]
fn the_overview_is_what_the_devices_are() {
    let fleet = create_model("fleet", fleet(300));
    let overview = create_model("overview", Overview::default());
    let _kept = keep(&fleet, &overview);
    let mut random = fastrand::Rng::with_seed(7);
    let mut seen_trouble = false;
    for _ in 0..200 {
        step(&fleet, &mut random, 50);
        let Overview { total, hot, down, troubled, .. } = (*overview.snapshot()).clone();
        seen_trouble |= hot > 0 && down > 0;
        assert_eq!((total, (hot, down, troubled)), (300, counted(&fleet)));
    }
    assert!(seen_trouble);
}

#[test]
fn a_device_that_is_gone_needs_nobody() {
    let fleet = create_model("fleet", fleet(3));
    fleet.set(path!(Fleet.devices["00001"].status), Status::Down).unwrap();
    let overview = create_model("overview", Overview::default());
    let _kept = keep(&fleet, &overview);
    assert_eq!(overview.get(Overview::PATHS.troubled), ["00001"]);
    fleet.remove(path!(Fleet.devices), "00001");
    assert!(overview.get(Overview::PATHS.troubled).is_empty());
}
