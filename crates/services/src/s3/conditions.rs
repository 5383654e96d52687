//! Conditions of a read: ETags and dates, and ranges of bytes.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-reads.html>
use super::errors::Fault;
use super::object::quoted;
use vpclab_wire::Timestamp;

/// The conditions of a read, or of the source of a copy.
#[derive(Debug, Default)]
pub(super) struct Conditions<'a> {
    pub(super) if_match: Option<&'a str>,
    pub(super) if_none_match: Option<&'a str>,
    pub(super) if_modified_since: Option<Timestamp>,
    pub(super) if_unmodified_since: Option<Timestamp>,
}

impl Conditions<'_> {
    /// Refuses with 412, or 304 for what the caller has already.
    pub(super) fn check(&self, etag: &str, modified: Timestamp) -> Result<(), Fault> {
        let named =
            |list: &str| list.split(',').any(|one| one.trim() == "*" || one.trim().trim_start_matches("W/").trim_matches('"') == etag);
        let modified = modified.whole_seconds();
        if self.if_match.is_some_and(|list| !named(list)) {
            return Err(failed("If-Match"));
        }
        if self.if_match.is_none() && self.if_unmodified_since.is_some_and(|since| modified > since) {
            return Err(failed("If-Unmodified-Since"));
        }
        let known = match self.if_none_match {
            Some(list) => named(list),
            None => self.if_modified_since.is_some_and(|since| modified <= since),
        };
        if known {
            let fault = Fault::new(304, "NotModified", "Not Modified");
            return Err(fault.header("etag", quoted(etag)).header("last-modified", modified.http_date()));
        }
        Ok(())
    }

    /// As the source of a copy, which is never answered with 304.
    pub(super) fn check_source(&self, etag: &str, modified: Timestamp) -> Result<(), Fault> {
        self.check(etag, modified)
            .map_err(|fault| if fault.error.status == 304 { failed("x-amz-copy-source-If-None-Match") } else { fault })
    }
}

fn failed(condition: &'static str) -> Fault {
    Fault::from(vpclab_cloud::Refusal::from(vpclab_cloud::bucket::BucketRefusal::PreconditionFailed(condition)))
}

/// The first byte and the number of bytes that a `Range` asks for; `None` when it asks for all, as one that is no range does.
pub(super) fn range(text: Option<&str>, size: u64) -> Result<Option<(u64, u64)>, Fault> {
    let Some(spec) = text.and_then(|text| text.trim().strip_prefix("bytes=")).and_then(|spec| spec.split_once('-')) else {
        return Ok(None);
    };
    let number = |text: &str| text.trim().parse::<u64>();
    let (from, to) = match (spec.0.trim(), spec.1.trim()) {
        ("", suffix) => match number(suffix) {
            Ok(0) => (size, size),
            Ok(count) => (size.saturating_sub(count), size.saturating_sub(1)),
            Err(_) => return Ok(None),
        },
        (from, "") => match number(from) {
            Ok(from) => (from, size.saturating_sub(1)),
            Err(_) => return Ok(None),
        },
        (from, to) => match (number(from), number(to)) {
            (Ok(from), Ok(to)) if from <= to => (from, to.min(size.saturating_sub(1))),
            _ => return Ok(None),
        },
    };
    if from >= size {
        let fault = Fault::new(416, "InvalidRange", "The requested range is not satisfiable");
        let fault = fault.with("RangeRequested", text.unwrap_or_default()).with("ActualObjectSize", size.to_string());
        return Err(fault.header("content-range", format!("bytes */{size}")));
    }
    Ok(Some((from, to - from + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let asked = |text: &str| range(Some(text), 10).map_err(|fault| fault.error.status);
        assert_eq!(asked("bytes=0-3"), Ok(Some((0, 4))));
        assert_eq!(asked("bytes=3-"), Ok(Some((3, 7))));
        assert_eq!(asked("bytes=-3"), Ok(Some((7, 3))));
        assert_eq!(asked("bytes=-30"), Ok(Some((0, 10))));
        assert_eq!(asked("bytes=8-30"), Ok(Some((8, 2))));
        assert_eq!(asked("bytes=10-"), Err(416));
        assert_eq!(asked("bytes=-0"), Err(416));
        for all in ["bytes=4-3", "bytes=0-1,3-4", "lines=1-2", "bytes=a-b"] {
            assert_eq!(asked(all), Ok(None), "{all}");
        }
        assert_eq!(range(Some("bytes=0-"), 0).unwrap_err().error.status, 416);
        assert_eq!(range(None, 10), Ok(None));
    }

    #[test]
    fn conditions_in_their_order() {
        let modified = Timestamp::from_millis(10_500);
        let check = |conditions: Conditions<'_>| conditions.check("e", modified).map_err(|fault| fault.error.status);
        let at = |seconds: i64| Some(Timestamp::from_millis(seconds * 1000));
        assert_eq!(check(Conditions { if_match: Some("\"e\""), if_unmodified_since: at(1), ..Conditions::default() }), Ok(()));
        assert_eq!(check(Conditions { if_match: Some("\"x\""), ..Conditions::default() }), Err(412));
        assert_eq!(check(Conditions { if_unmodified_since: at(9), ..Conditions::default() }), Err(412));
        assert_eq!(check(Conditions { if_unmodified_since: at(10), ..Conditions::default() }), Ok(()));
        assert_eq!(check(Conditions { if_none_match: Some("\"x\", \"e\""), ..Conditions::default() }), Err(304));
        assert_eq!(check(Conditions { if_none_match: Some("\"x\""), if_modified_since: at(20), ..Conditions::default() }), Ok(()));
        assert_eq!(check(Conditions { if_modified_since: at(10), ..Conditions::default() }), Err(304));
        assert_eq!(check(Conditions { if_modified_since: at(9), ..Conditions::default() }), Ok(()));
    }
}
