//! The macro that makes a library out of a provider.

/// Exports a [`Provider`](crate::Provider) as the plugin of this crate: the one symbol
/// [`vestibule_plugin_v1`](crate::abi::SYMBOL). To be written once, in `lib.rs` of a crate with
/// `crate-type = ["cdylib", "rlib"]`.
///
/// The symbol is the same in every plugin, so **a binary may name the rlib of at most one plugin crate**
/// (its own tests do). Tests that need several plugins list them as dev-dependencies without a `use`:
/// cargo then builds the libraries next to the test binary, from where the host loads them, and what is
/// not named is not linked. Logic that several crates share lives in a crate that exports nothing. An
/// example is at [the top of this crate](crate).
#[macro_export]
macro_rules! export_provider {
    ($provider:ty) => {
        #[expect(non_upper_case_globals, reason = "the name is the C symbol's")]
        #[unsafe(no_mangle)]
        static vestibule_plugin_v1: $crate::abi::PluginTable =
            $crate::glue::table::<$provider>(if cfg!(panic = "abort") {
                $crate::abi::FLAG_PANIC_ABORT
            } else {
                0
            });
    };
}
