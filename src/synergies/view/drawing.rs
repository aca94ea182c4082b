//! The small map of a synergy: its sites at their true places, and a circle drawn to the same scale.

use crate::engine::BOUNDLESS_KM;
use crate::kernel::Position;

const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 196.0;
const MIDDLE: (f64, f64) = (WIDTH / 2.0, HEIGHT / 2.0);
/// The farthest thing drawn is at this distance from the middle.
const REACH: f64 = 84.0;
/// A circle this many times wider than the link would hide it.
const TOO_WIDE: f64 = 20.0;

/// A map of 240 × 196.
pub(in crate::synergies) struct MapView {
    pub(in crate::synergies) title: String,
    pub(in crate::synergies) caption: String,
    pub(in crate::synergies) circle: Option<Circle>,
    /// From the first dot to the second.
    pub(in crate::synergies) has_link: bool,
    pub(in crate::synergies) dots: Vec<Dot>,
}

pub(in crate::synergies) struct Circle {
    pub(in crate::synergies) r: String,
    pub(in crate::synergies) label: String,
    pub(in crate::synergies) label_y: String,
}

pub(in crate::synergies) struct Dot {
    pub(in crate::synergies) x: String,
    pub(in crate::synergies) y: String,
    pub(in crate::synergies) css: &'static str,
    pub(in crate::synergies) label: &'static str,
    pub(in crate::synergies) label_x: String,
    pub(in crate::synergies) label_y: String,
    pub(in crate::synergies) anchor: &'static str,
}

pub(super) fn px(value: f64) -> String {
    format!("{value:.1}")
}

/// How words stand at a mark so that they stay within the drawing.
pub(super) fn anchor(x: f64, width: f64, half: f64) -> &'static str {
    match x {
        x if x < half => "start",
        x if x > width - half => "end",
        _ => "middle",
    }
}

/// East and north of `from`, in kilometres: flat enough for a map of a few dozen kilometres.
fn offset(from: Position, to: Position) -> (f64, f64) {
    let east = (to.lon() - from.lon()) * 111.32 * from.lat().to_radians().cos();
    let north = (to.lat() - from.lat()) * 110.57;
    (east, north)
}

fn dot(at: (f64, f64), scale: f64, css: &'static str, label: &'static str, to_the_right: bool) -> Dot {
    let (x, y) = (MIDDLE.0 + at.0 * scale, MIDDLE.1 - at.1 * scale);
    let (shift, anchor) = if to_the_right {
        (11.0, "start")
    } else {
        (-11.0, "end")
    };
    Dot {
        x: px(x),
        y: px(y),
        css,
        label,
        label_x: px(x + shift),
        label_y: px(y + 4.0),
        anchor,
    }
}

/// Two sites and the distance up to which the exchange pays.
pub(super) fn pair_map(
    a: Position,
    b: Position,
    break_even: Option<(f64, String)>,
    distance: &str,
) -> MapView {
    let at = offset(a, b);
    let length = at.0.hypot(at.1).max(0.05);
    let drawn = break_even
        .as_ref()
        .map(|(limit, _)| *limit)
        .filter(|limit| *limit > 0.0 && *limit < BOUNDLESS_KM && *limit <= length * TOO_WIDE);
    let scale = REACH / drawn.unwrap_or(0.0).max(length);
    let right = at.0 >= 0.0;
    let (title, caption) = match &break_even {
        Some((limit, words)) if *limit >= BOUNDLESS_KM => (
            format!("Les deux sites sont à {distance}\u{202f}; le transport ne limite pas cet échange."),
            format!("Distance\u{a0}: {distance}. Au-delà de {words}, le transport ne limite pas."),
        ),
        Some((limit, words)) if *limit > 0.0 => (
            format!(
                "Les deux sites sont à {distance}\u{202f}; le cercle du seuil de rentabilité autour de A est à {words}."
            ),
            format!("Distance\u{a0}: {distance}. Seuil de rentabilité\u{a0}: {words}."),
        ),
        Some(_) => (
            format!(
                "Les deux sites sont à {distance}\u{202f}; le transport coûte plus que l’échange ne rapporte."
            ),
            format!("Distance\u{a0}: {distance}. Le transport coûte plus que l’échange ne rapporte."),
        ),
        None => (
            format!("Les deux sites sont à {distance}."),
            format!("Distance\u{a0}: {distance}. Seuil de rentabilité non estimé."),
        ),
    };
    let circle = drawn.zip(break_even).map(|(limit, (_, label))| Circle {
        r: px(limit * scale),
        label,
        label_y: px((MIDDLE.1 + limit * scale - 8.0).min(HEIGHT - 6.0)),
    });
    MapView {
        title,
        caption,
        circle,
        has_link: true,
        dots: vec![
            dot((0.0, 0.0), scale, "s-blue", "A", !right),
            dot(at, scale, "s-surf mapr", "B", right),
        ],
    }
}

/// The members of a group around the most central one.
pub(super) fn group_map(centre: Position, others: &[Position], radius: f64, words: &str) -> MapView {
    let scale = REACH / radius.max(0.2);
    let mut dots: Vec<Dot> = others
        .iter()
        .map(|at| dot(offset(centre, *at), scale, "s-blue2", "", true))
        .collect();
    dots.push(dot((0.0, 0.0), scale, "s-blue", "", true));
    MapView {
        title: format!("Les membres du groupe sont dans un rayon de {words}."),
        caption: format!("Rayon de {words} autour du membre le plus central."),
        circle: Some(Circle {
            r: px(REACH),
            label: words.to_owned(),
            label_y: px(HEIGHT - 20.0),
        }),
        has_link: false,
        dots,
    }
}

#[cfg(test)]
mod tests {
    use super::pair_map;
    use crate::kernel::Position;

    #[test]
    fn the_circle_is_to_the_scale_of_the_link() {
        let a = Position::new(47.79, 1.07).unwrap();
        let b = Position::new(47.79, 1.17).unwrap();
        let map = pair_map(a, b, Some((15.0, "15\u{a0}km".to_owned())), "7,5\u{a0}km");
        assert_eq!(map.circle.as_ref().unwrap().r, "84.0");
        // 7.48 km to the east of the middle, at 84 px for 15 km.
        assert_eq!(map.dots[1].x, "161.9");
        assert_eq!(map.dots[1].y, "98.0");
        assert_eq!(map.dots[1].anchor, "start");
        assert!(
            map.caption.contains("Seuil de rentabilité\u{a0}: 15\u{a0}km"),
            "{}",
            map.caption
        );
        let wide = pair_map(a, b, Some((200.0, "200\u{a0}km".to_owned())), "7,5\u{a0}km");
        assert!(wide.circle.is_none());
        assert!(wide.caption.contains("200"));
        let boundless = pair_map(a, b, Some((300.0, "300\u{a0}km".to_owned())), "7,5\u{a0}km");
        assert!(boundless.circle.is_none());
        assert!(
            boundless.caption.ends_with("le transport ne limite pas."),
            "{}",
            boundless.caption
        );
        let loss = pair_map(a, b, Some((0.0, "0\u{a0}km".to_owned())), "7,5\u{a0}km");
        assert!(loss.circle.is_none() && loss.caption.contains("coûte plus"));
    }
}
