//! Templates of messages: texts with holes, in English and in Chinese, and what stands in the holes of a text.

/// Where a part of a message may end.
pub(super) const ENDS: [char; 6] = [' ', ',', ';', ':', '(', '\n'];

/// A part of a Chinese template.
pub(super) enum Piece {
    Text(String),
    /// What stood in this hole of the English text, counted from 0; `is_foreign` if these are words of a library, which may stay English.
    Hole {
        place: usize,
        is_foreign: bool,
    },
}

/// Holes beside each other that are beside each other in Chinese too are one: where the first ends is not told by the text.
pub(super) fn merge_neighbours(texts: &mut Vec<String>, chinese: &mut Vec<Piece>) {
    let mut at = 1;
    while at + 1 < texts.len() {
        let is_pair = |pieces: &[Piece]| match pieces {
            [Piece::Hole { place: first, .. }, Piece::Text(between), Piece::Hole { place: second, .. }] => {
                (*first, *second) == (at - 1, at) && between.is_empty()
            }
            _ => false,
        };
        let pair = if texts[at].is_empty() { chinese.windows(3).position(is_pair) } else { None };
        let Some(place) = pair else {
            at += 1;
            continue;
        };
        texts.remove(at);
        chinese.drain(place + 1..place + 3);
        for piece in chinese.iter_mut() {
            if let Piece::Hole { place, .. } = piece {
                *place -= usize::from(*place >= at);
            }
        }
    }
}

/// What stands in the holes between the texts, each as short as may be; `None` if the text is not of this form.
pub(super) fn holes<'a>(texts: &[String], whole: &'a str) -> Option<Vec<&'a str>> {
    let (first, others) = texts.split_first()?;
    let (last, between) = others.split_last()?;
    let mut rest = whole.strip_prefix(first.as_str())?.strip_suffix(last.as_str())?;
    let mut holes = Vec::with_capacity(others.len());
    for (at, text) in between.iter().enumerate() {
        let (hole, after) = if text.is_empty() {
            // Two holes beside each other, up to the next text.
            let next = between.get(at..)?.iter().find(|text| !text.is_empty());
            let end = next.map_or(Some(rest.len()), |next| rest.find(next.as_str()))?;
            rest.split_at(end_of_name(rest.get(..end)?))
        } else {
            rest.split_once(text.as_str())?
        };
        holes.push(hole);
        rest = after;
    }
    holes.push(rest);
    Some(holes)
}

/// Where a name or number at the start of a text ends, and what is said of it may begin: of two holes beside each other that is the first.
fn end_of_name(text: &str) -> usize {
    text.char_indices().find(|(at, letter)| *at > 0 && ENDS.contains(letter)).map_or(text.len(), |(at, _)| at)
}

/// The texts of an English template before, between and after its holes.
pub(super) fn texts(english: &str) -> Vec<String> {
    let mut texts = vec![String::new()];
    for piece in pieces(english) {
        match piece {
            Piece::Text(text) => texts.last_mut().into_iter().for_each(|last| last.push_str(&text)),
            Piece::Hole { .. } => texts.push(String::new()),
        }
    }
    texts
}

/// The texts and holes of a template; holes without a number count from the first.
pub(super) fn pieces(template: &str) -> Vec<Piece> {
    let (mut pieces, mut text, mut next, mut rest) = (Vec::new(), String::new(), 0, template);
    while let Some(letter) = rest.chars().next() {
        let escaped = [("{{", '{'), ("}}", '}'), ("\\n", '\n')].into_iter().find(|(written, _)| rest.starts_with(written));
        if let Some((written, meant)) = escaped {
            text.push(meant);
            rest = rest.strip_prefix(written).unwrap_or_default();
        } else if let Some(Hole { number, is_foreign, after }) = hole(rest) {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
            pieces.push(Piece::Hole { place: number.map_or(next, |number| number.saturating_sub(1)), is_foreign });
            next += 1;
            rest = after;
        } else {
            text.push(letter);
            rest = rest.strip_prefix(letter).unwrap_or_default();
        }
    }
    pieces.push(Piece::Text(text));
    pieces
}

/// A hole that a text begins with.
struct Hole<'a> {
    number: Option<usize>,
    is_foreign: bool,
    after: &'a str,
}

fn hole(text: &str) -> Option<Hole<'_>> {
    let (inside, after) = text.strip_prefix('{')?.split_once('}')?;
    let (number, is_foreign) = inside.strip_suffix('!').map_or((inside, false), |number| (number, true));
    number.bytes().all(|digit| digit.is_ascii_digit()).then(|| Hole { number: number.parse().ok(), is_foreign, after })
}
