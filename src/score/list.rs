//! Scores by name, in a fixed order.

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Score;

/// The scores of one level by name, in the order in which they are shown. Serialised as a map.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScoreList(Vec<(String, Score)>);

impl ScoreList {
    /// Appends a score.
    pub fn push(&mut self, name: &str, score: Score) {
        self.0.push((name.to_owned(), score));
    }

    /// The score of that name.
    pub fn get(&self, name: &str) -> Option<&Score> {
        self.iter()
            .find(|(known, _)| *known == name)
            .map(|(_, score)| score)
    }

    /// Names and scores in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Score)> {
        self.0.iter().map(|(name, score)| (name.as_str(), score))
    }

    /// Whether there is no score.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for ScoreList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, score) in self.iter() {
            map.serialize_entry(name, score)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for ScoreList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = ScoreList;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a map from names to scores")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ScoreList, A::Error> {
                let mut list = ScoreList::default();
                while let Some((name, score)) = map.next_entry::<String, Score>()? {
                    list.0.push((name, score));
                }
                Ok(list)
            }
        }

        deserializer.deserialize_map(Entries)
    }
}
