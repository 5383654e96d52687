//! What functions write, line by line, to whoever keeps logs.
use vpclab_cloud::{Scope, Timestamp};

/// Where a line belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPlace {
    /// The account and region of the function.
    pub scope: Scope,
    /// `/aws/lambda/NAME`
    pub group: String,
    /// `2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef`
    pub stream: String,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written.
    pub time: Timestamp,
    /// The text with its end of line.
    pub text: String,
}

/// Keeps logs. It may not wait: functions wait for it.
pub trait LogSink: Send + Sync {
    /// Takes lines of one stream, in their order.
    fn write(&self, place: &LogPlace, lines: Vec<LogLine>);
}

/// A log event holds no more.
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
const LINE_MAX: usize = 256 * 1024;
/// How much of an invocation's log `LogType=Tail` shows.
pub(crate) const TAIL: usize = 4096;

/// A line of a program, or a piece of one that was longer than an event holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) text: String,
    /// It is a piece: what the whole line says cannot be read from it.
    pub(crate) cut: bool,
}

/// Cuts bytes into lines.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    open: Vec<u8>,
    /// The beginning of the open line went before it.
    goes_on: bool,
}

impl Lines {
    /// Takes bytes; answers the lines that they end.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<Line> {
        let mut lines = Vec::new();
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let mut rest = part;
            while self.open.len() + rest.len() > LINE_MAX {
                let (now, later) = rest.split_at_checked(LINE_MAX.saturating_sub(self.open.len())).unwrap_or((rest, &[]));
                self.open.extend_from_slice(now);
                self.goes_on = true;
                lines.extend(self.take());
                rest = later;
            }
            self.open.extend_from_slice(rest);
            if rest.ends_with(b"\n") {
                lines.extend(self.finish());
            }
        }
        lines
    }

    /// The line that nobody ended.
    pub(crate) fn finish(&mut self) -> Option<Line> {
        let line = self.take();
        self.goes_on = false;
        line
    }

    fn take(&mut self) -> Option<Line> {
        let text = |open: Vec<u8>| String::from_utf8_lossy(&open).into_owned();
        (!self.open.is_empty()).then(|| Line { text: text(std::mem::take(&mut self.open)), cut: self.goes_on })
    }
}

/// The last bytes of one invocation's log.
#[derive(Debug, Default)]
pub(crate) struct Tail(Vec<u8>);

impl Tail {
    pub(crate) fn push(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
        if self.0.len() > 16 * TAIL {
            self.cut();
        }
    }

    fn cut(&mut self) {
        let over = self.0.len().saturating_sub(TAIL);
        self.0.drain(..over);
    }

    pub(crate) fn take(&mut self) -> Vec<u8> {
        self.cut();
        std::mem::take(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_where_they_end() {
        let mut lines = Lines::default();
        let whole = |texts: &[&str]| texts.iter().map(|text| Line { text: (*text).to_owned(), cut: false }).collect::<Vec<_>>();
        assert_eq!(lines.push(b"a\nb"), whole(&["a\n"]));
        assert_eq!(lines.push(b"c\n\n"), whole(&["bc\n", "\n"]));
        assert_eq!(lines.finish(), None);
        let long = lines.push(&vec![b'x'; LINE_MAX * 2 + 1]);
        assert_eq!(long.iter().map(|line| (line.text.len(), line.cut)).collect::<Vec<_>>(), [(LINE_MAX, true), (LINE_MAX, true)]);
        assert_eq!(lines.push(b"\ny\n"), [Line { text: "x\n".to_owned(), cut: true }, Line { text: "y\n".to_owned(), cut: false }]);
        lines.push(&vec![b'x'; LINE_MAX + 1]);
        assert_eq!(lines.finish(), Some(Line { text: "x".to_owned(), cut: true }));
        lines.push(b"z");
        assert_eq!(lines.finish(), Some(Line { text: "z".to_owned(), cut: false }));
    }

    #[test]
    fn a_tail_is_the_last_four_kilobytes() {
        let mut tail = Tail::default();
        for _ in 0..10_000 {
            tail.push("0123456789");
        }
        let taken = tail.take();
        assert_eq!(taken.len(), TAIL);
        assert!(taken.ends_with(b"6789"));
    }
}
