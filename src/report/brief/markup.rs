//! Markup: elements with their styles in them, and every text escaped.
//!
//! Mail programs drop style sheets and know little of layout: tables, and styles in the elements, are what all of them show.

use crate::report::page::escaped;

/// The colours of what is good, bad and neither; on white each has a contrast of at least 4.5 to 1 (WCAG 2.2, AA).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Less than the text.
    Faint,
    /// For the better.
    Good,
    /// For the worse.
    Bad,
    /// To be looked at.
    Warning,
}

impl Tone {
    fn colour(self) -> &'static str {
        match self {
            Tone::Faint => "#566273",
            Tone::Good => "#0a6b3d",
            Tone::Bad => "#b3261e",
            Tone::Warning => "#7a5200",
        }
    }
}

/// A cell of a table.
#[derive(Debug, Clone)]
pub struct Cell {
    html: String,
    is_number: bool,
}

impl Cell {
    /// A text.
    pub fn text(text: &str) -> Cell {
        Cell { html: escaped(text), is_number: false }
    }

    /// A number, at the right of its column.
    pub fn number(text: &str) -> Cell {
        Cell { html: escaped(text), is_number: true }
    }

    /// The cell in a colour.
    pub fn toned(self, tone: Tone) -> Cell {
        Cell { html: span(tone, &self.html), ..self }
    }

    /// The cell in bold letters.
    pub fn strong(self) -> Cell {
        Cell { html: format!("<b>{}</b>", self.html), ..self }
    }

    /// The cell on one line, however narrow its column.
    pub fn on_one_line(self) -> Cell {
        Cell { html: format!("<span style=\"white-space:nowrap\">{}</span>", self.html), ..self }
    }

    /// The cell with another one below it.
    pub fn over(self, below: &Cell) -> Cell {
        Cell { html: format!("{}<br>{}", self.html, below.html), ..self }
    }

    /// The cell with a faint second line.
    pub fn with(self, below: &str) -> Cell {
        if below.is_empty() { self } else { Cell { html: format!("{}<br>{}", self.html, span(Tone::Faint, &escaped(below))), ..self } }
    }
}

/// A part of a line in a colour; the text is escaped already.
fn span(tone: Tone, html: &str) -> String {
    format!("<span style=\"color:{}\">{html}</span>", tone.colour())
}

/// A paragraph.
pub fn paragraph(tone: Tone, text: &str) -> String {
    format!("<p style=\"margin:2px 0;color:{}\">{}</p>\n", tone.colour(), escaped(text))
}

/// A paragraph of names, each with its amount.
pub fn amounts(before: &str, parts: &[(String, Cell)]) -> String {
    let parts: Vec<String> = parts.iter().map(|(name, amount)| format!("{}&nbsp;{}", escaped(name), amount.html)).collect();
    format!("<p style=\"margin:2px 0\">{}{}</p>\n", escaped(before), parts.join(" · "))
}

/// A box with what must be known before anything else.
pub fn warning(lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let lines: String = lines.iter().map(|line| paragraph(Tone::Bad, line)).collect();
    format!(
        "<div role=\"alert\" style=\"background:#fbe7e5;border-left:4px solid #b3261e;padding:6px 10px;margin:10px 0\">\n{lines}</div>\n"
    )
}

/// The heading of the page.
pub fn title(text: &str) -> String {
    format!("<h1 style=\"font-size:20px;margin:0 0 2px\">{}</h1>\n", escaped(text))
}

/// The heading of a part.
pub fn heading(text: &str) -> String {
    format!("<h2 style=\"font-size:16px;margin:18px 0 4px\">{}</h2>\n", escaped(text))
}

/// A table; without heads its first column names nothing. No row is torn by the end of a sheet of paper.
pub fn table(heads: &[Cell], rows: &[Vec<Cell>]) -> String {
    let mut html =
        "<table role=\"table\" cellspacing=\"0\" cellpadding=\"4\" width=\"100%\" style=\"border-collapse:collapse;width:100%\">\n"
            .to_owned();
    if !heads.is_empty() {
        html.push_str("<tr style=\"border-bottom:2px solid #d9dee6;color:#566273\">");
        heads.iter().for_each(|head| element(&mut html, "th", "col", head));
        html.push_str("</tr>\n");
    }
    for row in rows {
        html.push_str("<tr style=\"border-bottom:1px solid #d9dee6;page-break-inside:avoid\">");
        for (place, cell) in row.iter().enumerate() {
            if place == 0 && !heads.is_empty() {
                element(&mut html, "th", "row", cell);
            } else {
                element(&mut html, "td", "", cell);
            }
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</table>\n");
    html
}

fn element(html: &mut String, name: &str, scope: &str, cell: &Cell) {
    html.push('<');
    html.push_str(name);
    if !scope.is_empty() {
        html.push_str(&format!(" scope=\"{scope}\""));
    }
    html.push_str(if cell.is_number { " align=\"right\"" } else { " align=\"left\"" });
    // Programs make heads bold: the names of rows are not.
    html.push_str(if scope == "row" { " style=\"font-weight:400\" valign=\"top\">" } else { " valign=\"top\">" });
    html.push_str(&cell.html);
    html.push_str(&format!("</{name}>"));
}
