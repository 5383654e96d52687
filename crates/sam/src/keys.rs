//! The order in which Python 2.7 visited the keys of a `dict`: that of its hash table.
use crate::text::Text;

const LEAST: usize = 8;
/// Above this many keys a table grows by two, not by four.
const LARGE: usize = 50_000;

#[derive(Clone, Debug, PartialEq)]
enum Slot {
    Empty,
    /// Held a key that was taken away.
    Left,
    Key(Text),
}

/// The hash table of a `dict`, without the values. CPython 2.7, `Objects/dictobject.c`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Keys {
    slots: Vec<Slot>,
    /// Keys.
    used: usize,
    /// Slots that are or were taken.
    filled: usize,
}

impl Keys {
    pub(crate) fn new() -> Keys {
        Keys { slots: vec![Slot::Empty; LEAST], used: 0, filled: 0 }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Text> {
        self.slots.iter().filter_map(|slot| if let Slot::Key(key) = slot { Some(key) } else { None })
    }

    pub(crate) fn add(&mut self, key: &Text) {
        let index = self.find(key);
        let Some(slot) = self.slots.get_mut(index) else { return };
        match slot {
            Slot::Key(_) => return,
            Slot::Empty => self.filled += 1,
            Slot::Left => {}
        }
        *slot = Slot::Key(key.clone());
        self.used += 1;
        if self.filled * 3 >= self.slots.len() * 2 {
            self.resize(self.used * if self.used > LARGE { 2 } else { 4 });
        }
    }

    pub(crate) fn remove(&mut self, key: &Text) {
        let index = self.find(key);
        if let Some(slot @ Slot::Key(_)) = self.slots.get_mut(index) {
            *slot = Slot::Left;
            self.used -= 1;
        }
    }

    /// As `update` does: room first, then the keys.
    pub(crate) fn merge(&mut self, others: &[Text]) {
        if others.is_empty() {
            return;
        }
        if (self.filled + others.len()) * 3 >= self.slots.len() * 2 {
            self.resize((self.used + others.len()) * 2);
        }
        others.iter().for_each(|key| self.add(key));
    }

    /// As `copy.deepcopy` does: the keys in their order go into a new table, which can put them into another.
    pub(crate) fn deep_copy(&self) -> Keys {
        let mut copy = Keys::new();
        self.iter().for_each(|key| copy.add(key));
        copy
    }

    fn resize(&mut self, wanted: usize) {
        let mut size = LEAST;
        while size <= wanted {
            size *= 2;
        }
        let old = std::mem::replace(&mut self.slots, vec![Slot::Empty; size]);
        (self.used, self.filled) = (0, 0);
        for slot in old {
            if let Slot::Key(key) = slot {
                self.add(&key);
            }
        }
    }

    /// The slot of a key, or the one that it would take.
    fn find(&self, key: &Text) -> usize {
        let mask = self.slots.len() - 1;
        let mut perturb = hash(key);
        let (mut walker, mut free) = (perturb & mask as u64, None);
        loop {
            let index = usize::try_from(walker & mask as u64).unwrap_or(0);
            match self.slots.get(index) {
                Some(Slot::Key(taken)) if taken == key => return index,
                Some(Slot::Key(_)) => {}
                Some(Slot::Left) => {
                    free.get_or_insert(index);
                }
                Some(Slot::Empty) | None => return free.unwrap_or(index),
            }
            walker = (walker << 2).wrapping_add(walker).wrapping_add(perturb).wrapping_add(1);
            perturb >>= 5;
        }
    }
}

/// Python 2.7's hash of a text on a 64-bit machine. CPython 2.7, `Objects/unicodeobject.c`.
fn hash(text: &str) -> u64 {
    let Some(first) = text.chars().next() else { return 0 };
    let start = u64::from(u32::from(first)) << 7;
    let mixed = text.chars().fold(start, |x, c| x.wrapping_mul(1_000_003) ^ u64::from(u32::from(c)));
    mixed ^ text.chars().count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `list({k: 0 for k in "…"})` of Python 2.7: eight slots, then thirty-two.
    #[test]
    fn order_of_the_table() {
        let order = |names: &[&str]| {
            let mut keys = Keys::new();
            names.iter().for_each(|name| keys.add(&Text::own(*name)));
            keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(order(&["swagger", "info", "paths"]), "info paths swagger");
        assert_eq!(order(&["Effect", "Action", "Resource", "Principal", "Condition"]), "Action Resource Effect Condition Principal");
        assert_eq!(order(&["one", "two", "three", "four", "five", "six", "seven"]), "seven six three two four five one");
    }

    #[test]
    fn a_copy_may_have_another_order() {
        let mut keys = Keys::new();
        ["type", "b", "c", "post"].into_iter().for_each(|name| keys.add(&Text::own(name)));
        ["type", "c"].into_iter().for_each(|name| keys.remove(&Text::own(name)));
        let order = |keys: &Keys| keys.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(order(&keys), ["b", "post"]);
        assert_eq!(order(&keys.deep_copy()), ["post", "b"]);
    }
}
