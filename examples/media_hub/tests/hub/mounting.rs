//! A mount and the caches that the mount invalidates. The test is skipped when the user may not
//! mount.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use test_support::skip;

use crate::folder::{folder, shown};
use crate::hub::Hub;

/// A tmpfs, mounted until the drop of this value.
struct Mounted {
    at: PathBuf,
}

impl Mounted {
    /// `None` when the user may not mount.
    fn at(path: &Path) -> Option<Self> {
        let mount = Command::new("mount").args(["-t", "tmpfs", "none"]).arg(path).output().ok()?;
        mount.status.success().then(|| Self { at: path.to_owned() })
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Lazily: a scan inside the tmpfs makes a plain unmount fail.
        let unmounted = Command::new("umount").arg("-l").arg(&self.at).status();
        assert!(unmounted.is_ok_and(|status| status.success()) || std::thread::panicking());
    }
}

/// Reads the lines of a cascade in their order.
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
        return skip("this user may not mount a tmpfs");
    };
    hub.type_line("look");
    see_the_cascade(&mut hub);
    hub.out.until(&format!("mounted: {}", usb.display()));
    fs::write(usb.join("fresh.ogg"), "ogg").expect("it can be written");
    hub.type_line("rescan");
    hub.type_line("list");
    hub.out.until("usb/fresh.ogg  (audio/ogg)");
    hub.out.until("2 audio");

    // Without a command: the interval finds the unmount.
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
