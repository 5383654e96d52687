//! Dates of conditions: the W3C profile of ISO 8601, or seconds since 1970. Own and small, because a pure crate may not
//! ask any clock or time zone table.

/// Milliseconds since 1970-01-01T00:00:00Z, or `None` when the text is no date.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    if !text.is_empty() && text.len() <= 11 && text.bytes().all(|b| b.is_ascii_digit()) && text.len() != 4 {
        return text.parse::<i64>().ok()?.checked_mul(1000);
    }
    let (date, time) = match text.split_once(['T', 't']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = number(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |p| number(p, 2))?;
    let day = parts.next().map_or(Some(1), |p| number(p, 2))?;
    if parts.next().is_some() || !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    let day_ms = days_from_civil(year, month, day).checked_mul(86_400_000)?;
    Some(day_ms + time.map_or(Some(0), time_of_day)?)
}

/// `hh:mm[:ss[.fff]]` and `Z` or `±hh:mm`.
fn time_of_day(text: &str) -> Option<i64> {
    let split = text.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = text.split_at_checked(split)?;
    let offset = if zone.eq_ignore_ascii_case("z") {
        0
    } else {
        let sign = if zone.starts_with('-') { -1 } else { 1 };
        let (h, m) = zone.get(1..)?.split_once(':')?;
        sign * (bounded(h, 23)? * 60 + bounded(m, 59)?)
    };
    let mut parts = clock.split(':');
    let hours = bounded(parts.next()?, 23)?;
    let minutes = bounded(parts.next()?, 59)?;
    let (seconds, millis) = match parts.next() {
        None => (0, 0),
        Some(s) => match s.split_once('.') {
            None => (bounded(s, 60)?, 0),
            Some((s, f)) => (bounded(s, 60)?, fraction(f)?),
        },
    };
    if parts.next().is_some() {
        return None;
    }
    Some(((hours * 60 + minutes - offset) * 60 + seconds) * 1000 + millis)
}

fn fraction(digits: &str) -> Option<i64> {
    if digits.is_empty() || digits.len() > 9 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    format!("{digits:0<3}").get(..3)?.parse().ok()
}

fn number(text: &str, width: usize) -> Option<i64> {
    (text.len() == width && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn bounded(text: &str, most: i64) -> Option<i64> {
    number(text, 2).filter(|n| *n <= most)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a civil date (proleptic Gregorian).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn reads_the_documented_forms() {
        assert_eq!(parse("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(parse("2020-02-29"), Some(1_582_934_400_000));
        assert_eq!(parse("2013-06-30T00:00:00Z"), Some(1_372_550_400_000));
        assert_eq!(parse("2013-06-30T02:00:00.250+02:00"), Some(1_372_550_400_250));
        assert_eq!(parse("1372550400"), Some(1_372_550_400_000));
        assert_eq!(parse("2013"), parse("2013-01-01T00:00Z"));
        for bad in ["", "tomorrow", "2019-02-29", "2013-13-01", "2013-06-30T25:00:00Z", "2013-06-30T00:00:00", "1-1-1"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
