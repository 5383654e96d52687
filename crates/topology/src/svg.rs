//! How the picture is drawn. Shapes have classes and no styles of their own, so that a page under a strict policy can show it in its own
//! colours; for a file of its own the styles come with it, for light and dark.
use crate::layout::{Picture, Placed, PlacedLine};
use crate::scene::{Badge, Kind, LineKind, Tone};
use std::fmt::Write as _;

/// Where the picture is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// In a file of its own: with its styles.
    Standalone,
    /// In a page that has the styles.
    Embedded,
}

const STYLE: &str = include_str!("style.css");
/// Text longer than this is cut: what fits into a tile.
const MOST_CHARS: usize = 25;

/// The picture as SVG: one line of text for each box and each line, so that a page finds what has changed without parsing the rest.
#[must_use]
pub fn svg(picture: &Picture, look: Look) -> String {
    let mut out = String::with_capacity(512 * (picture.boxes.len() + picture.lines.len()) + 4096);
    let Picture { width, height, boxes, lines } = picture;
    // Writing to a string does not fail.
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"vpclab-topology\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-label=\"The networks of the lab\">"
    );
    if look == Look::Standalone {
        let _ = writeln!(out, "<style>{STYLE}</style>\n<rect class=\"ground\" width=\"{width}\" height=\"{height}\"/>");
    }
    for placed in boxes {
        shape(&mut out, placed);
    }
    for line in lines {
        stroke(&mut out, line);
    }
    out.push_str("</svg>\n");
    out
}

fn shape(out: &mut String, Placed { node, rect }: &Placed) {
    let kind = node.kind.name();
    let _ = write!(
        out,
        "<g class=\"node {kind}\" data-kind=\"{kind}\" data-id=\"{id}\" transform=\"translate({x} {y})\"><title>{tip}</title>\
         <rect width=\"{width}\" height=\"{height}\" rx=\"{radius}\"/>",
        id = escaped(&node.id),
        x = rect.x,
        y = rect.y,
        tip = escaped(&tip(placed_name(node.kind), &node.id, &node.title, &node.subtitle)),
        width = rect.width,
        height = rect.height,
        radius = if matches!(node.kind, Kind::Region | Kind::Vpc) { 10 } else { 6 },
    );
    let wide = usize::try_from(rect.width / 7).unwrap_or(MOST_CHARS).max(MOST_CHARS);
    let _ = write!(out, "<text class=\"title\" x=\"12\" y=\"21\">{}</text>", escaped(&cut(&node.title, wide)));
    if !node.subtitle.is_empty() {
        let _ = write!(out, "<text class=\"subtitle\" x=\"12\" y=\"37\">{}</text>", escaped(&cut(&node.subtitle, wide)));
    }
    badges(out, &node.badges, if node.subtitle.is_empty() { 28 } else { 42 });
    out.push_str("</g>\n");
}

fn badges(out: &mut String, badges: &[Badge], y: i32) {
    let mut x = 12;
    for Badge { text, tone } in badges {
        let width = 6 * i32::try_from(text.chars().count()).unwrap_or(20) + 10;
        let tone = match tone {
            Tone::Plain => "badge",
            Tone::Warning => "badge warning",
        };
        let _ = write!(
            out,
            "<g class=\"{tone}\" transform=\"translate({x} {y})\"><rect width=\"{width}\" height=\"13\" rx=\"6\"/><text x=\"5\" y=\"10\">{}</text></g>",
            escaped(text)
        );
        x += width + 4;
    }
}

fn stroke(out: &mut String, PlacedLine { line, from, to, sideways }: &PlacedLine) {
    let class = match line.kind {
        LineKind::Peering => "line peering",
        LineKind::PendingPeering => "line peering pending",
        LineKind::Association => "line association",
    };
    // A curve that leaves and arrives at right angles.
    let bend = if *sideways { (to.x - from.x) / 2 } else { (to.y - from.y) / 2 };
    let (x1, y1, x2, y2) = match sideways {
        true => (from.x + bend, from.y, to.x - bend, to.y),
        false => (from.x, from.y + bend, to.x, to.y - bend),
    };
    let id = escaped(&line.id);
    let _ = write!(
        out,
        "<g class=\"{class}\" data-kind=\"line\" data-id=\"{id}\"><title>{id}</title><path d=\"M{} {}C{x1} {y1} {x2} {y2} {} {}\"/>",
        from.x, from.y, to.x, to.y
    );
    if !line.label.is_empty() {
        let (x, y) = ((from.x + to.x) / 2, (from.y + to.y) / 2 - 6);
        let _ = write!(out, "<text x=\"{x}\" y=\"{y}\">{}</text>", escaped(&line.label));
    }
    out.push_str("</g>\n");
}

fn placed_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Region => "Region",
        Kind::Shelf | Kind::Zone => "",
        Kind::Vpc => "VPC",
        Kind::Subnet => "Subnet",
        Kind::Instance => "Instance",
        Kind::Function => "Function",
        Kind::Endpoint => "Endpoint",
        Kind::Interface => "Network interface",
        Kind::Api => "REST API",
    }
}

fn tip(kind: &str, id: &str, title: &str, subtitle: &str) -> String {
    let name = if title == id { "" } else { title };
    [kind, id, name, subtitle].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// Text between tags or quotes; control characters, which XML does not have, are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}
