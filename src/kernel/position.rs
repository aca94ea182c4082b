//! A place on Earth, in WGS84 degrees, and the distance between two of them.
//!
//! Distances are great circles: the roads of a rural territory add some 30 %, which is a parameter
//! of whoever turns kilometres into money, not of this type. Depends on no other module.

use geo::{Distance, Haversine, Point};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why coordinates were refused, as a sentence for the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PositionError {
    #[error("La latitude doit être comprise entre −90 et 90 degrés.")]
    Latitude,
    #[error("La longitude doit être comprise entre −180 et 180 degrés.")]
    Longitude,
}

/// A valid pair of coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Degrees", into = "Degrees")]
pub struct Position {
    lat: f64,
    lon: f64,
}

#[derive(Serialize, Deserialize)]
struct Degrees {
    lat: f64,
    lon: f64,
}

impl Position {
    /// Checks that both figures are degrees on the globe.
    ///
    /// # Errors
    /// When one of them is out of range or not a number.
    pub fn new(lat: f64, lon: f64) -> Result<Self, PositionError> {
        if !(-90.0..=90.0).contains(&lat) {
            Err(PositionError::Latitude)
        } else if !(-180.0..=180.0).contains(&lon) {
            Err(PositionError::Longitude)
        } else {
            Ok(Self { lat, lon })
        }
    }

    #[must_use]
    pub fn lat(&self) -> f64 {
        self.lat
    }

    #[must_use]
    pub fn lon(&self) -> f64 {
        self.lon
    }

    /// Kilometres as the crow flies.
    #[must_use]
    pub fn distance_km(&self, other: Self) -> f64 {
        let metres = Haversine.distance(Point::new(self.lon, self.lat), Point::new(other.lon, other.lat));
        metres / 1_000.0
    }
}

impl TryFrom<Degrees> for Position {
    type Error = PositionError;
    fn try_from(degrees: Degrees) -> Result<Self, Self::Error> {
        Self::new(degrees.lat, degrees.lon)
    }
}

impl From<Position> for Degrees {
    fn from(position: Position) -> Self {
        Self {
            lat: position.lat,
            lon: position.lon,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Position, PositionError};
    use proptest::prelude::{prop_assert, proptest};

    fn at(lat: f64, lon: f64) -> Position {
        Position::new(lat, lon).expect("valid")
    }

    #[test]
    fn distances_between_known_towns() {
        let vendome = at(47.793, 1.066);
        let blois = at(47.586, 1.335);
        let paris = at(48.857, 2.352);
        for (from, to, expected) in [(vendome, blois, 30.6), (vendome, paris, 151.9)] {
            let km = from.distance_km(to);
            assert!((km - expected).abs() < 1.0, "{km} instead of {expected}");
        }
        assert!(vendome.distance_km(vendome).abs() < 1e-9);
    }

    #[test]
    fn out_of_range_is_refused() {
        assert_eq!(Position::new(91.0, 0.0), Err(PositionError::Latitude));
        assert_eq!(Position::new(f64::NAN, 0.0), Err(PositionError::Latitude));
        assert_eq!(Position::new(0.0, 180.5), Err(PositionError::Longitude));
        assert_eq!(Position::new(0.0, f64::INFINITY), Err(PositionError::Longitude));
    }

    #[test]
    fn serde_checks_the_range() {
        let here = at(47.8, 1.1);
        let json = serde_json::to_string(&here).expect("json");
        assert_eq!(json, r#"{"lat":47.8,"lon":1.1}"#);
        assert_eq!(serde_json::from_str::<Position>(&json).ok(), Some(here));
        assert!(serde_json::from_str::<Position>(r#"{"lat":470,"lon":1}"#).is_err());
    }

    proptest! {
        #[test]
        fn the_way_back_is_as_long(
            a in -90.0_f64..=90.0, b in -180.0_f64..=180.0,
            c in -90.0_f64..=90.0, d in -180.0_f64..=180.0,
        ) {
            let (one, two) = (at(a, b), at(c, d));
            let there = one.distance_km(two);
            prop_assert!((there - two.distance_km(one)).abs() < 1e-6);
            prop_assert!((0.0..=20_040.0).contains(&there));
        }
    }
}
