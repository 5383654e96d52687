//! The ids of changes. A change is in force when its call returns, so that all there is to tell later is when it was made: that stands in
//! the id itself, with a digest by which an id that was never given out is known.
use super::ZoneRefusal;
use crate::{AccountId, Timestamp, client_token::digest};

/// A change of an account's hosted zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeId {
    /// When it was made.
    pub made: Timestamp,
}

impl ChangeId {
    /// The id as answers give it, without `/change/`.
    #[must_use]
    pub fn text(self, account: &AccountId) -> String {
        let time = format!("{:011X}", self.made.0);
        format!("C{time}{:08X}", digest(&format!("change {account} {time}")) >> 32)
    }

    /// Reads an id, also as answers write it, `/change/C…`.
    ///
    /// # Errors
    /// One that this account was not given.
    pub fn parse(account: &AccountId, text: &str) -> Result<Self, ZoneRefusal> {
        let id = text.strip_prefix("/change/").unwrap_or(text);
        let made = id.get(1..12).and_then(|time| i64::from_str_radix(time, 16).ok()).map(|time| Self { made: Timestamp(time) });
        made.filter(|made| made.text(account) == id).ok_or_else(|| ZoneRefusal::NoChange(id.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_its_time_to_its_account() {
        let of = |digit: &str| digit.repeat(12).parse::<AccountId>().unwrap();
        let change = ChangeId { made: Timestamp(1_700_000_000_123) };
        let text = change.text(&of("1"));
        assert_eq!(text.len(), 20);
        assert_eq!(ChangeId::parse(&of("1"), &format!("/change/{text}")), Ok(change));
        for (account, id) in [("2", text.as_str()), ("1", "C0"), ("1", ""), ("1", "C00018BCFE568000000000")] {
            assert_eq!(ChangeId::parse(&of(account), id), Err(ZoneRefusal::NoChange(id.to_owned())));
        }
    }
}
