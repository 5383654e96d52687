//! `Filter.N` and `MaxResults`/`NextToken`, alike for every describe call.
//!
//! Filters are joined by AND, the values of one filter by OR; values are case-sensitive and may hold the wildcards `*` and `?`
//! (a backslash takes their meaning away).
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html>
use super::errors;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{collections::BTreeSet, ops::RangeInclusive, sync::Arc};
use vpclab_cloud::{Refusal, Tags};
use vpclab_wire::{WireError, ec2};

/// The most values that the filters of one call may have together.
const MAX_VALUES: usize = 200;
/// The page sizes that most describe calls take.
pub const PAGE_SIZES: RangeInclusive<i32> = 5..=1000;

/// The filters of a call, each known to the resource asked for.
#[derive(Debug)]
pub struct Filters<'a>(&'a [ec2::Filter]);

impl<'a> Filters<'a> {
    /// Takes the filters of a call. `known` names what the resource can be filtered by; `tag:` and `tag-key` in it stand for
    /// filters by tags.
    ///
    /// # Errors
    /// A filter without name or values, or whose name is not in `known`.
    pub fn new(filters: &'a [ec2::Filter], known: &[&str]) -> Result<Self, WireError> {
        let mut values = 0;
        for filter in filters {
            let name = filter.name.as_deref().unwrap_or("null");
            let is_known = match name.strip_prefix("tag:") {
                Some(key) => !key.is_empty() && known.contains(&"tag:"),
                None => known.contains(&name),
            };
            if !is_known {
                return Err(invalid(format!("The filter '{name}' is invalid")));
            }
            if filter.values.is_empty() {
                return Err(invalid(format!("The filter '{name}' must have at least one value")));
            }
            values += filter.values.len();
        }
        if values > MAX_VALUES {
            return Err(WireError::new(
                400,
                "FilterLimitExceeded",
                format!("The maximum number of filter values specified on a single call is {MAX_VALUES}"),
            ));
        }
        Ok(Self(filters))
    }

    /// Whether a resource passes every filter: `of` gives its values for a name of `known` (several for a set, none when absent).
    /// Booleans are the texts `true` and `false`.
    pub fn pass(&self, tags: &Tags, of: impl Fn(&str) -> Vec<String>) -> bool {
        self.0.iter().all(|filter| {
            let name = filter.name.as_deref().unwrap_or_default();
            let any = |found: &str| filter.values.iter().any(|pattern| wildcard(pattern, found));
            match name.strip_prefix("tag:") {
                Some(key) => tags.get(key).is_some_and(|value| any(value)),
                None if name == "tag-key" => tags.keys().any(|key| any(key)),
                None => of(name).iter().any(|value| any(value)),
            }
        })
    }
}

/// The resources that a describe call is about: those of `seen` with the ids asked for, all when none is.
///
/// # Errors
/// `missing` for the first id that is not among them.
pub fn chosen<'a, T, I: Ord + Clone>(
    seen: impl Iterator<Item = &'a Arc<T>>,
    id: impl Fn(&T) -> &I,
    ids: &[I],
    missing: impl Fn(I) -> Refusal,
) -> Result<Vec<&'a Arc<T>>, WireError> {
    let asked: BTreeSet<&I> = ids.iter().collect();
    let found: Vec<&'a Arc<T>> = seen.filter(|item| asked.is_empty() || asked.contains(id(item))).collect();
    let there: BTreeSet<&I> = found.iter().map(|item| id(item)).collect();
    match ids.iter().find(|id| !there.contains(id)) {
        Some(absent) => Err(errors::word(&missing(absent.clone()))),
        None => Ok(found),
    }
}

/// Whether `text` matches a pattern with `*` and `?`. Linear in memory, at worst the product of the lengths in time.
#[must_use]
pub fn wildcard(pattern: &str, text: &str) -> bool {
    #[derive(Clone, Copy, PartialEq)]
    enum Token {
        Many,
        One,
        Just(char),
    }
    let mut tokens = Vec::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' => Token::Many,
            '?' => Token::One,
            '\\' => Token::Just(chars.next().unwrap_or('\\')),
            other => Token::Just(other),
        });
    }
    let text: Vec<char> = text.chars().collect();
    let (mut t, mut p) = (0, 0);
    // Where to go on when a letter does not fit: behind the last `*`, with one more letter given to it.
    let mut back: Option<(usize, usize)> = None;
    while let Some(letter) = text.get(t) {
        match tokens.get(p) {
            Some(Token::Many) => {
                back = Some((p + 1, t));
                p += 1;
            }
            Some(Token::One) => (t, p) = (t + 1, p + 1),
            Some(Token::Just(wanted)) if wanted == letter => (t, p) = (t + 1, p + 1),
            Some(Token::Just(_)) | None => match back {
                Some((after, taken)) => {
                    (t, p) = (taken + 1, after);
                    back = Some((after, taken + 1));
                }
                None => return false,
            },
        }
    }
    tokens.iter().skip(p).all(|token| *token == Token::Many)
}

/// One page of a list.
#[derive(Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items of the page, in order of their keys.
    pub items: Vec<T>,
    /// What gives the next page; `None` on the last.
    pub next_token: Option<String>,
}

/// Cuts a page out of `items`. `key` is an item's id: the token names the last one shown, so that a page never repeats or skips an
/// item when others come and go between two calls.
///
/// # Errors
/// A page size outside `sizes`, or a token that this function did not make.
pub fn page<T>(
    mut items: Vec<T>,
    key: impl Fn(&T) -> String,
    max_results: Option<i32>,
    next_token: Option<&str>,
    sizes: RangeInclusive<i32>,
) -> Result<Page<T>, WireError> {
    let size = match max_results {
        None => None,
        Some(size) if size < *sizes.start() => {
            let least = sizes.start();
            return Err(invalid(format!("Value ( {size} ) for parameter maxResults is invalid. Expecting a value greater than {least}.")));
        }
        Some(size) if size > *sizes.end() => {
            let most = sizes.end();
            return Err(invalid(format!(
                "Value ( {size} ) for parameter maxResults is invalid. Expecting a value less than or equal to {most}."
            )));
        }
        Some(size) => usize::try_from(size).ok(),
    };
    items.sort_by_cached_key(&key);
    if let Some(token) = next_token {
        let last = URL_SAFE_NO_PAD
            .decode(token)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .and_then(|text| text.strip_prefix(TOKEN_MARK).map(str::to_owned))
            .ok_or_else(|| invalid(format!("Value ( {token} ) for parameter NextToken is invalid. The token is invalid.")))?;
        items.retain(|item| key(item) > last);
    }
    let next_token = match size {
        Some(size) if items.len() > size => {
            items.truncate(size);
            items.last().map(|last| URL_SAFE_NO_PAD.encode(format!("{TOKEN_MARK}{}", key(last))))
        }
        _ => None,
    };
    Ok(Page { items, next_token })
}

/// What our tokens begin with, so that another service's token is not taken for one.
const TOKEN_MARK: &str = "after:";

fn invalid(message: String) -> WireError {
    WireError::new(400, "InvalidParameterValue", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(name: &str, values: &[&str]) -> ec2::Filter {
        ec2::Filter { name: Some(name.into()), values: values.iter().map(|v| (*v).to_owned()).collect() }
    }

    #[test]
    fn wildcards() {
        for (pattern, text, fits) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("*b*", "abc", true),
            ("a?c", "abc", true),
            ("a?", "a", false),
            ("A", "a", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            (r"a\*", "a*", true),
            (r"a\*", "ab", false),
            (r"\?", "?", true),
            ("ip-*", "ip-10", true),
        ] {
            assert_eq!(wildcard(pattern, text), fits, "{pattern} on {text}");
        }
    }

    #[test]
    fn a_long_pattern_of_stars_ends() {
        let pattern = "*a".repeat(200) + "b";
        assert!(!wildcard(&pattern, &"a".repeat(2000)));
    }

    #[test]
    fn filters_are_and_and_their_values_or() {
        let asked = [filter("vpc-id", &["vpc-1", "vpc-2"]), filter("tag:Name", &["a*"])];
        let filters = Filters::new(&asked, &["vpc-id", "tag:"]).unwrap();
        let tags: Tags = [("Name".to_owned(), "api".to_owned())].into();
        let of = |value: &'static str| move |_: &str| vec![value.to_owned()];
        assert!(filters.pass(&tags, of("vpc-2")));
        assert!(!filters.pass(&tags, of("vpc-3")));
        assert!(!filters.pass(&Tags::new(), of("vpc-2")));
    }

    #[test]
    fn an_unknown_filter_is_named() {
        let asked = [filter("colour", &["red"])];
        let error = Filters::new(&asked, &["vpc-id"]).unwrap_err();
        assert_eq!((error.code.as_ref(), error.message.as_str()), ("InvalidParameterValue", "The filter 'colour' is invalid"));
        let asked = [filter("tag:Name", &["red"])];
        assert!(Filters::new(&asked, &["vpc-id"]).is_err(), "tags only where the resource has them");
    }

    #[test]
    fn pages_lose_nothing_and_end() {
        let all: Vec<u32> = (100..123).collect();
        let mut seen = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let page = page(all.clone(), u32::to_string, Some(5), token.as_deref(), PAGE_SIZES).unwrap();
            assert!(page.items.len() <= 5);
            seen.extend(page.items);
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
        assert!(page(all.clone(), u32::to_string, Some(4), None, PAGE_SIZES).is_err());
        assert!(page(all.clone(), u32::to_string, None, Some("x"), PAGE_SIZES).is_err());
        assert_eq!(page(all.clone(), u32::to_string, None, None, PAGE_SIZES).unwrap().items, all);
    }
}
