//! What a settings table is made of: typed fields, each under the name that operators use.

use super::value::{Kind, Raw};

/// What the gateway makes of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It decides.
    Enforced,
    /// It is accepted with a warning and does nothing here, for this reason.
    Ignored(&'static str),
    /// It is refused, for this reason.
    Refused(&'static str),
}

/// One setting: a row of a table.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The name that operators use.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// What values it has.
    pub kind: Kind,
    /// What the gateway makes of it.
    pub standing: Standing,
    /// Its documented default, as operators would write it; an empty text for "not set".
    pub default: fn() -> Raw,
}

/// Why a setting was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// There is no setting of that name in the table.
    #[error("is no setting")]
    Unknown,
    /// The gateway refuses it.
    #[error("cannot be enforced here: {0}")]
    Refused(&'static str),
    /// The value is none of the setting's.
    #[error("{0}")]
    Invalid(String),
}

/// A struct of settings, with a table of them.
macro_rules! settings {
    (
        $(#[$struct_doc:meta])*
        $table:ident {
            $(
                $(#[doc = $doc:literal])+
                $field:ident: $kind:ty = $default:expr, $name:literal, $standing:expr;
            )+
        }
    ) => {
        $(#[$struct_doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $table {
            $( $(#[doc = $doc])+ pub $field: $kind, )+
        }

        impl Default for $table {
            /// The documented defaults.
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl $table {
            /// Every setting, in the order of the specification.
            pub const SETTINGS: &'static [$crate::settings::table::Setting] = &[
                $($crate::settings::table::Setting {
                    name: $name,
                    doc: concat!($($doc),+),
                    kind: <$kind as $crate::settings::value::Value>::KIND,
                    standing: $standing,
                    default: || {
                        let value: $kind = $default;
                        $crate::settings::value::Value::write(&value)
                    },
                },)+
            ];

            /// Takes a value under the name that operators use.
            ///
            /// # Errors
            /// [`NotTaken`](crate::settings::table::NotTaken); then nothing has changed.
            pub fn set(
                &mut self,
                name: &str,
                raw: &$crate::settings::value::Raw,
            ) -> Result<(), $crate::settings::table::NotTaken> {
                use $crate::settings::table::{NotTaken, Standing};
                match name {
                    $($name => {
                        if let Standing::Refused(why) = $standing {
                            return Err(NotTaken::Refused(why));
                        }
                        self.$field = $crate::settings::value::Value::read(raw)
                            .map_err(NotTaken::Invalid)?;
                        Ok(())
                    })+
                    _ => Err(NotTaken::Unknown),
                }
            }

            /// Takes the value back that was configured under that name: the default counts again.
            ///
            /// # Errors
            /// [`NotTaken::Unknown`](crate::settings::table::NotTaken).
            pub fn clear(&mut self, name: &str) -> Result<(), $crate::settings::table::NotTaken> {
                match name {
                    $($name => {
                        self.$field = $default;
                        Ok(())
                    })+
                    _ => Err($crate::settings::table::NotTaken::Unknown),
                }
            }

            /// The value configured under that name.
            #[must_use]
            pub fn get(&self, name: &str) -> Option<$crate::settings::value::Raw> {
                match name {
                    $($name => Some($crate::settings::value::Value::write(&self.$field)),)+
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use settings;
