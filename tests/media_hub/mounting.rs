//! A mount, and how far it reaches. Where the test may not mount it says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::folder::{folder, shown};
use crate::hub::Hub;

/// A tmpfs, mounted until this is dropped.
struct Mounted {
    at: PathBuf,
}

impl Mounted {
    /// `None` where that is not allowed.
    fn at(path: &Path) -> Option<Self> {
        let mount = Command::new("mount").args(["-t", "tmpfs", "none"]).arg(path).output().ok()?;
        mount.status.success().then(|| Self { at: path.to_owned() })
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Lazily, so that a scan which is in it at the moment does not forbid it.
        let unmounted = Command::new("umount").arg("-l").arg(&self.at).status();
        assert!(unmounted.is_ok_and(|status| status.success()) || std::thread::panicking());
    }
}

/// The lines of a cascade, in their order.
fn see_the_cascade(hub: &mut Hub) {
    for line in [
        "`drives` invalidated",
        "`categories` invalidated",
        "`drives` recomputed",
        "`categories` recomputed",
    ] {
        hub.log.until(line);
    }
}

#[test]
fn c8_a_mount_reaches_the_drives_and_through_them_the_categories() {
    let folder = folder();
    let usb = shown(&folder).join("usb");
    fs::create_dir(&usb).expect("it can be made");
    let mut hub = Hub::start(folder.path());
    hub.log.until("`categories` recomputed: 4 media files");

    let Some(mounted) = Mounted::at(&usb) else {
        eprintln!("skipped: this user may not mount a tmpfs");
        return;
    };
    hub.type_line("look");
    see_the_cascade(&mut hub);
    hub.out.until(&format!("mounted: {}", usb.display()));
    fs::write(usb.join("fresh.ogg"), "ogg").expect("it can be written");
    hub.type_line("rescan");
    hub.type_line("list");
    hub.out.until("usb/fresh.ogg  (audio/ogg)");
    hub.out.until("2 audio");

    // Nobody asks for a look now: the interval finds it.
    hub.log.until("`categories` recomputed: 5 media files");
    drop(mounted);
    see_the_cascade(&mut hub);
    hub.out.until(&format!("unmounted: {}", usb.display()));
    hub.type_line("list");
    hub.out.until("1 audio");
    hub.type_line("quit");
    let (report, status) = hub.stopped();
    assert!(status.success(), "{report}");
}
