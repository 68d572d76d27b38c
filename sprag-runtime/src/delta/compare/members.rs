//! The differences between two sets: the members that only one of them has.

use std::any::Any;

use super::{ValueComparison, ValuePair, Within};
use crate::delta::known::Known;
use crate::delta::op::Act;
use crate::path::{AnyKey, Entries, Hop, Members, ValueRef};

/// The members of the two sets.
struct BothSets {
    /// The members that only the old set has.
    gone: Vec<Hop>,
    /// The members that only the new set has, in its order.
    came: Vec<Hop>,
    /// How many members the new set has.
    len: usize,
    /// Whether the members in both sets have one order.
    keeps_order: bool,
}

impl BothSets {
    fn of(pair: ValuePair<'_>, entries: &'static Entries, members: Members) -> Self {
        let mut both = Self { gone: Vec::new(), came: Vec::new(), len: 0, keeps_order: true };
        let mut last = None;
        entries.each_key(pair.old, &mut |member| {
            if !has(entries, pair.new, member) {
                both.gone.extend(entries.hop(member));
                return;
            }
            let position = (members.position)(pair.new, member);
            both.keeps_order &= position >= last;
            last = position;
        });
        entries.each_key(pair.new, &mut |member| {
            both.len += 1;
            if !has(entries, pair.old, member) {
                both.came.extend(entries.hop(member));
            }
        });
        both
    }

    /// Whether an op for each member is larger than the new set.
    fn are_strangers(&self) -> bool {
        self.gone.len() + self.came.len() > self.len.max(1)
    }
}

fn has(entries: &'static Entries, set: &dyn Any, member: &dyn Any) -> bool {
    (entries.step)(ValueRef::Ref(set), member).is_some()
}

impl ValueComparison {
    /// Members come from the last one on and go from the first one on, so that the next
    /// member of each is there when the op, or its inverse, is made.
    pub(super) fn set_of_members(
        &mut self,
        pair: ValuePair<'_>,
        entries: &'static Entries,
        members: Members,
    ) -> Result<(), Within> {
        if !members.is_arranged && pair.known.is_equal(pair.old, pair.new) == Some(true) {
            return Ok(());
        }
        let both = BothSets::of(pair, entries, members);
        if !both.keeps_order || both.are_strangers() {
            return Err(Within(self.hops.len()));
        }
        for hop in both.gone {
            self.member(pair.known, pair.old, members, hop, |old, next| Act::Remove {
                old: Some(old),
                next,
            })?;
        }
        for hop in both.came.into_iter().rev() {
            self.member(pair.known, pair.new, members, hop, |new, next| Act::Add { new, next })?;
        }
        Ok(())
    }

    fn member(
        &mut self,
        set: Known,
        value: &dyn Any,
        members: Members,
        hop: Hop,
        act: impl FnOnce(super::Held, Option<AnyKey>) -> Act,
    ) -> Result<(), Within> {
        let known = set.hop(&hop);
        let next = hop.member().and_then(|(_, member)| (members.after)(value, &**member));
        self.hops.push(hop);
        let held = self.held(known, &())?;
        self.push(known.shape, act(held, next))?;
        self.hops.pop();
        Ok(())
    }
}
