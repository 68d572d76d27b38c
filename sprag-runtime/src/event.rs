//! [`Event`]: what travels over a bus.

/// Something that happened, told to whoever listens on a [`Bus`](crate::Bus).
///
/// Derive it: `#[derive(Event)] #[event("storage:mount_changed")]`. By hand it is
/// one line:
///
/// ```
/// # use sprag::Event;
/// struct MountChanged { mounts: usize }
///
/// impl Event for MountChanged {
///     const NAME: &'static str = "storage:mount_changed";
/// }
/// ```
///
/// A listener is found by the event's type; the name is for people, in logs and
/// in tools.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    label = "a bus carries events",
    note = "put `#[derive(Event)]` and `#[event(\"…\")]`, with a name such as `storage:mount_changed`, on `{Self}`"
)]
pub trait Event: Send + Sync + 'static {
    /// The event's name, such as `storage:mount_changed`.
    const NAME: &'static str;
}
