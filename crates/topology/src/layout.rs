//! Where everything stands. Boxes are sized from the inside out and packed on shelves; coordinates are whole pixels.
use crate::scene::{Kind, Line, Node, Scene};
use std::collections::BTreeMap;

/// A picture: boxes and lines with their places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// Its width.
    pub width: i32,
    /// Its height.
    pub height: i32,
    /// Boxes; each stands before what is inside it.
    pub boxes: Vec<Placed>,
    /// Lines.
    pub lines: Vec<PlacedLine>,
}

/// A box in its place; its children stand in [`Picture::boxes`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The box, without its children.
    pub node: Node,
    /// Its place.
    pub rect: Rect,
}

/// A line in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedLine {
    /// The line.
    pub line: Line,
    /// Where it begins.
    pub from: Point,
    /// Where it ends.
    pub to: Point,
    /// Whether it leaves and arrives sideways, rather than up and down.
    pub sideways: bool,
}

/// A place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Point {
    /// From the left.
    pub x: i32,
    /// From the top.
    pub y: i32,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rect {
    /// Its left side.
    pub x: i32,
    /// Its upper side.
    pub y: i32,
    /// Its width.
    pub width: i32,
    /// Its height.
    pub height: i32,
}

/// How the children of a kind of box are arranged.
struct Room {
    /// Above the children, for title and badges.
    head: i32,
    /// Round the children.
    margin: i32,
    /// Between them.
    gap: i32,
    /// The least width, for the title.
    least: i32,
    /// How wide the children's rows are, compared with their height.
    shape: f64,
}

const TILE: (i32, i32) = (200, 58);
const EDGE: i32 = 24;

fn room(kind: Kind) -> Room {
    match kind {
        Kind::Region => Room { head: 40, margin: 24, gap: 36, least: 240, shape: 1.2 },
        Kind::Shelf => Room { head: 34, margin: 14, gap: 12, least: 230, shape: 6.0 },
        Kind::Vpc => Room { head: 66, margin: 16, gap: 16, least: 260, shape: 8.0 },
        Kind::Zone => Room { head: 30, margin: 12, gap: 12, least: 250, shape: 0.0 },
        Kind::Subnet => Room { head: 62, margin: 12, gap: 10, least: 230, shape: 1.6 },
        Kind::Instance | Kind::Function | Kind::Endpoint | Kind::Interface | Kind::Api => {
            Room { head: TILE.1, margin: 0, gap: 0, least: TILE.0, shape: 1.0 }
        }
    }
}

/// A box with its size, and its children with their places in it.
struct Sized<'a> {
    node: &'a Node,
    width: i32,
    height: i32,
    children: Vec<(Point, Sized<'a>)>,
}

/// Lays a scene out.
#[must_use]
pub fn layout(scene: &Scene) -> Picture {
    let regions: Vec<Sized<'_>> = scene.roots.iter().map(size).collect();
    let (places, width, height) = shelve(regions, 2.2, 110);
    let mut picture = Picture { width: width + 2 * EDGE, height: height + 2 * EDGE, ..Picture::default() };
    for (at, region) in places {
        put(&mut picture.boxes, Point { x: at.x + EDGE, y: at.y + EDGE }, region);
    }
    let mut first: BTreeMap<&str, Rect> = BTreeMap::new();
    for placed in &picture.boxes {
        first.entry(&placed.node.id).or_insert(placed.rect);
    }
    let lines = scene.lines.iter().filter_map(|line| Some(join(line, *first.get(line.from.as_str())?, *first.get(line.to.as_str())?)));
    picture.lines = lines.collect();
    picture
}

fn size(node: &Node) -> Sized<'_> {
    let room = room(node.kind);
    let children = node.children.iter().map(size).collect();
    let (mut children, inner_width, inner_height) = shelve(children, room.shape, room.gap);
    for (at, _) in &mut children {
        at.x += room.margin;
        at.y += room.head;
    }
    let bottom = if children.is_empty() { 0 } else { inner_height + room.margin };
    let title = (7 * i32::try_from(node.title.chars().count().min(40)).unwrap_or(0)) + 2 * room.margin;
    Sized { node, width: room.least.max(inner_width + 2 * room.margin).max(title), height: room.head + bottom, children }
}

/// Packs boxes in rows, in their order. A shape of 0 puts each in a row of its own; else the rows are about `shape` times as wide as all are high.
fn shelve(boxes: Vec<Sized<'_>>, shape: f64, gap: i32) -> (Vec<(Point, Sized<'_>)>, i32, i32) {
    let area: f64 = boxes.iter().map(|one| f64::from(one.width + gap) * f64::from(one.height + gap)).sum();
    #[expect(clippy::cast_possible_truncation, reason = "a width of at most some ten thousand pixels")]
    let wanted = (area * shape).sqrt() as i32;
    let (mut at, mut row, mut width) = (Point::default(), 0, 0);
    let mut places = Vec::with_capacity(boxes.len());
    for one in boxes {
        if at.x > 0 && at.x + one.width > wanted {
            at = Point { x: 0, y: at.y + row + gap };
            row = 0;
        }
        let here = at;
        row = row.max(one.height);
        width = width.max(at.x + one.width);
        at.x += one.width + gap;
        places.push((here, one));
    }
    (places, width, at.y + row)
}

fn put(into: &mut Vec<Placed>, at: Point, sized: Sized<'_>) {
    let rect = Rect { x: at.x, y: at.y, width: sized.width, height: sized.height };
    let Node { kind, id, title, subtitle, badges, children: _ } = sized.node;
    let node = Node {
        kind: *kind,
        id: id.clone(),
        title: title.clone(),
        subtitle: subtitle.clone(),
        badges: badges.clone(),
        children: Vec::new(),
    };
    into.push(Placed { node, rect });
    for (place, child) in sized.children {
        put(into, Point { x: at.x + place.x, y: at.y + place.y }, child);
    }
}

/// A line between the sides of two boxes that face each other.
fn join(line: &Line, a: Rect, b: Rect) -> PlacedLine {
    let middle = |from: i32, length: i32| from + length / 2;
    let apart = |a: i32, length: i32, b: i32| b >= a + length;
    let (left, right) = (apart(a.x, a.width, b.x), apart(b.x, b.width, a.x));
    let sideways = left || right;
    let (from, to) = if left {
        (Point { x: a.x + a.width, y: middle(a.y, a.height.min(80)) }, Point { x: b.x, y: middle(b.y, b.height.min(80)) })
    } else if right {
        (Point { x: a.x, y: middle(a.y, a.height.min(80)) }, Point { x: b.x + b.width, y: middle(b.y, b.height.min(80)) })
    } else if apart(a.y, a.height, b.y) {
        (Point { x: middle(a.x, a.width), y: a.y + a.height }, Point { x: middle(b.x, b.width), y: b.y })
    } else {
        (Point { x: middle(a.x, a.width), y: a.y }, Point { x: middle(b.x, b.width), y: b.y + b.height })
    };
    PlacedLine { line: line.clone(), from, to, sideways }
}
