//! The forms at the head of a result: one is open at a time. They tell others when the result was kept.

use std::rc::Rc;

use yew::prelude::*;

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Keeps the result.
    Keep,
    /// Shares it.
    Share,
}

/// The form that is open, and how often the result was kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forms {
    open: Option<Form>,
    /// How often this browser has kept the result since the page opened.
    n_kept: u32,
}

/// Changes of [`Forms`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Opens a form in place of another, or closes the open one.
    Toggle(Form),
    /// Closes a form; another that is open stays.
    Close(Form),
    /// This browser has kept the result.
    Kept,
}

impl Reducible for Forms {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let without = |form: Form| self.open.filter(|open| *open != form);
        Rc::new(match action {
            Action::Toggle(form) => Self { open: Some(form).filter(|form| self.open != Some(*form)), ..*self },
            Action::Close(form) => Self { open: without(form), ..*self },
            Action::Kept => Self { open: without(Form::Keep), n_kept: self.n_kept + 1 },
        })
    }
}

/// A form's own state and its callback.
pub struct Own {
    /// Whether it is open.
    pub is_open: bool,
    /// Takes an action of the form.
    pub dispatch: Callback<Action>,
}

/// A form of the result that is shown.
#[hook]
pub fn use_form(form: Form) -> Own {
    let forms = use_context::<UseReducerHandle<Forms>>();
    let is_open = forms.as_ref().is_some_and(|forms| forms.open == Some(form));
    let dispatch = forms.map_or_else(Callback::noop, |forms| forms.dispatcher().to_callback());
    Own { is_open, dispatch }
}

/// How often this browser has kept the result since the page opened.
#[hook]
pub fn use_n_kept() -> u32 {
    use_context::<UseReducerHandle<Forms>>().map_or(0, |forms| forms.n_kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_is_open_at_a_time() {
        let mut forms = Rc::new(Forms::default());
        for (action, open) in [
            (Action::Toggle(Form::Keep), Some(Form::Keep)),
            (Action::Toggle(Form::Share), Some(Form::Share)),
            (Action::Toggle(Form::Share), None),
            (Action::Toggle(Form::Share), Some(Form::Share)),
            // Keeping ends late: the other form stays.
            (Action::Close(Form::Keep), Some(Form::Share)),
            (Action::Kept, Some(Form::Share)),
            (Action::Close(Form::Share), None),
            (Action::Toggle(Form::Keep), Some(Form::Keep)),
            (Action::Kept, None),
        ] {
            forms = forms.reduce(action);
            assert_eq!(forms.open, open, "{action:?}");
        }
        assert_eq!(forms.n_kept, 2);
    }
}
