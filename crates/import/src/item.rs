//! Members of an answer, read with their types.
use serde_json::Value;
use std::{collections::BTreeMap, str::FromStr};
use vpclab_cloud::{Tags, Timestamp};

/// A structure of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item<'a>(pub(crate) &'a Value);

/// A member that is missing, or does not have its form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("`{0}` is missing")]
    Missing(&'static str),
    #[error("`{member}` is `{value}`, which vpclab cannot read")]
    Malformed { member: &'static str, value: String },
}

impl<'a> Item<'a> {
    /// A text that is not empty.
    pub(crate) fn text(&self, member: &str) -> Option<&'a str> {
        self.0.get(member).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    pub(crate) fn owned(&self, member: &str) -> Option<String> {
        self.text(member).map(str::to_owned)
    }

    pub(crate) fn flag(&self, member: &str) -> bool {
        self.0.get(member).and_then(Value::as_bool).unwrap_or_default()
    }

    pub(crate) fn number<T: TryFrom<i64>>(&self, member: &str) -> Option<T> {
        self.0.get(member).and_then(Value::as_i64).and_then(|number| T::try_from(number).ok())
    }

    pub(crate) fn list(&self, member: &str) -> impl Iterator<Item = Item<'a>> + use<'a> {
        self.0.get(member).and_then(Value::as_array).map_or(&[][..], Vec::as_slice).iter().map(Item)
    }

    pub(crate) fn texts(&self, member: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.list(member).filter_map(|item| item.0.as_str())
    }

    pub(crate) fn item(&self, member: &str) -> Option<Item<'a>> {
        self.0.get(member).filter(|value| value.is_object()).map(Item)
    }

    pub(crate) fn has(&self, member: &str) -> bool {
        self.0.get(member).is_some_and(|value| !value.is_null())
    }

    /// What a member's text stands for, such as an id or a CIDR block.
    pub(crate) fn read<T: FromStr>(&self, member: &'static str) -> Result<T, Unreadable> {
        self.maybe(member)?.ok_or(Unreadable::Missing(member))
    }

    pub(crate) fn maybe<T: FromStr>(&self, member: &'static str) -> Result<Option<T>, Unreadable> {
        let Some(text) = self.text(member) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Unreadable::Malformed { member, value: text.to_owned() })
    }

    /// A list of texts, each of which stands for something.
    pub(crate) fn all<T: FromStr>(&self, member: &'static str) -> Result<Vec<T>, Unreadable> {
        let read = |text: &str| text.parse().map_err(|_| Unreadable::Malformed { member, value: text.to_owned() });
        self.texts(member).map(read).collect()
    }

    pub(crate) fn map(&self, member: &str) -> BTreeMap<String, String> {
        let entries = self.0.get(member).and_then(Value::as_object).into_iter().flatten();
        entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
    }

    /// EC2's `Tags`, or the one that a member names.
    pub(crate) fn tags(&self) -> Tags {
        let pairs = self.list("Tags").chain(self.list("TagSet"));
        pairs.filter_map(|tag| Some((tag.owned("Key")?, tag.owned("Value").unwrap_or_default()))).collect()
    }

    /// A time, as the CLI writes it, or seconds since the epoch; the epoch when there is none.
    pub(crate) fn time(&self, member: &str) -> Timestamp {
        let millis = match self.0.get(member) {
            Some(Value::String(text)) => text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond),
            #[expect(clippy::cast_possible_truncation, reason = "times are far below 2^53 milliseconds")]
            Some(Value::Number(seconds)) => seconds.as_f64().map(|seconds| (seconds * 1000.0) as i64),
            _ => None,
        };
        Timestamp(millis.unwrap_or_default())
    }
}
