//! The invitation of this browser: what is left of it, or a place for its link.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use wasm_core::api::InvitationState;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::services::invitation;
use crate::ui::certain::Certain;
use crate::ui::focus::use_passed_focus;
use crate::ui::format;

/// What is said of a link that was opened and holds no code.
const BROKEN: &str = "The link of the invitation that you opened is not whole. Copy all of it and paste it here";

/// State of the invitation.
#[derive(Clone, Debug, PartialEq)]
pub enum Invited {
    /// The cloud is being asked.
    Asking,
    /// There is none.
    Never,
    /// It is open.
    Yes(InvitationState),
    /// It allows nothing, and why.
    Refused(String),
    /// The cloud did not tell; it will when something is uploaded.
    Untold,
}

impl Invited {
    /// Whether an upload may be tried.
    pub const fn may_upload(&self) -> bool {
        matches!(self, Self::Yes(_) | Self::Untold)
    }
}

/// What is known of the invitation, and how to have it looked at again. A link that is opened in this tab
/// is looked at by itself.
#[hook]
pub fn use_invited() -> (Invited, Callback<()>) {
    let found = use_state_eq(|| Invited::Asking);
    let looks = use_state_eq(|| 0_u32);
    let n_looks = use_mut_ref(|| 0_u32);
    let again = {
        let looks = looks.setter();
        Callback::from(move |()| {
            let n = *n_looks.borrow() + 1;
            *n_looks.borrow_mut() = n;
            looks.set(n);
        })
    };
    {
        let found = found.setter();
        use_effect_with(*looks, move |_| {
            // Of two looks the later one counts, whichever is answered first.
            let newest = Rc::new(Cell::new(true));
            let own = Rc::clone(&newest);
            spawn_local(async move {
                let looked = look().await;
                if own.get() {
                    found.set(looked);
                }
            });
            move || newest.set(false)
        });
    }
    {
        let again = again.clone();
        use_effect_with((), move |()| {
            // The frame takes the link too, but perhaps after this.
            let opened = move |_: &Event| {
                invitation::take_from_address();
                again.emit(());
            };
            let listener =
                web_sys::window().map(|window| gloo_events::EventListener::new(&window, "hashchange", opened));
            move || drop(listener)
        });
    }
    ((*found).clone(), again)
}

async fn look() -> Invited {
    if invitation::code().is_none() {
        return if invitation::was_broken() { Invited::Refused(BROKEN.to_owned()) } else { Invited::Never };
    }
    match invitation::look().await {
        Ok(state) => Invited::Yes(state),
        Err(error) if error.is_gone() => Invited::Refused(error.message),
        Err(_) => Invited::Untold,
    }
}

/// The rest of the invitation, in words.
#[expect(clippy::cast_precision_loss, reason = "for people")]
fn words(state: &InvitationState, until: &str) -> String {
    let (bytes, runs) = state.left();
    format!(
        "Invitation “{}”: {} and {} left, until {until}",
        state.name,
        format::bytes(bytes as f64),
        format::counted(runs, "run")
    )
}

/// Properties of [`Invitation`].
#[derive(Properties, PartialEq)]
pub struct InvitationProps {
    /// State of the invitation.
    pub invited: Invited,
    /// Told when there is another one.
    pub on_changed: Callback<()>,
}

/// One line: what is left, or what is needed; behind the latter a field for the link.
#[component(Invitation)]
pub fn invitation_line(props: &InvitationProps) -> Html {
    let needed = match &props.invited {
        Invited::Asking | Invited::Untold => return html! { <div class="invitation small"></div> },
        Invited::Yes(state) => {
            #[expect(clippy::cast_precision_loss, reason = "a day")]
            let until = format::date(state.expires_at_s as f64 * 1000.0);
            let forget = props.on_changed.reform(|()| invitation::forget());
            return html! {
                <div class="invitation small soft">
                    <span data-testid="invitation">{ words(state, &until) }</span>
                    <Certain label="Forget" question="Really forget it? Its link brings it back." on_yes={forget} name="invitation-forget" />
                </div>
            };
        }
        Invited::Never => "Uploading needs an invitation: paste its link here",
        Invited::Refused(reason) => reason.as_str(),
    };
    html! {
        <details class="invitation small">
            <summary data-testid="invitation-needed">{ needed }</summary>
            <Field on_changed={props.on_changed.clone()} />
        </details>
    }
}

/// Properties of [`Field`].
#[derive(Properties, PartialEq)]
struct FieldProps {
    on_changed: Callback<()>,
}

/// A place for the link.
#[component(Field)]
fn field(props: &FieldProps) -> Html {
    let text = use_state(String::new);
    let is_wrong = use_state_eq(|| false);
    let oninput = {
        let (text, is_wrong) = (text.setter(), is_wrong.setter());
        Callback::from(move |event: InputEvent| {
            text.set(event.target_unchecked_into::<HtmlInputElement>().value());
            is_wrong.set(false);
        })
    };
    let onsubmit = {
        let (text, is_wrong, on_changed) = (text.clone(), is_wrong.setter(), props.on_changed.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let is_taken = invitation::take(&text);
            is_wrong.set(!is_taken);
            if is_taken {
                text.set(String::new());
                on_changed.emit(());
            }
        })
    };
    html! {
        <form class="row" {onsubmit}>
            <p class="soft">{ "The person who runs this cloud pays for what is stored and computed in it, and invites people by a link. Analysing in this browser needs none." }</p>
            <label class="row">{ "Link of the invitation" }<input value={(*text).clone()} {oninput} autocomplete="off" spellcheck="false" data-testid="invitation-link" /></label>
            <button type="submit" disabled={text.trim().is_empty()} data-testid="invitation-use">{ "Use it" }</button>
            if *is_wrong { <p class="refused" role="alert" data-testid="invitation-problem">{ "This is no link of an invitation: such a link ends with /invitation/ and 64 digits of 0-9 and a-f. Copy the whole link." }</p> }
        </form>
    }
}

/// Properties of [`NeededInvitation`].
#[derive(Properties, PartialEq)]
pub struct NeededInvitationProps {
    /// Told when another invitation is used.
    pub on_used: Callback<()>,
}

/// The invitation where something else is begun: only where one is needed.
#[component(NeededInvitation)]
pub fn needed_invitation(props: &NeededInvitationProps) -> Html {
    let (invited, again) = use_invited();
    let on_used = props.on_used.clone();
    let on_changed = Callback::from(move |()| {
        again.emit(());
        on_used.emit(());
    });
    let is_needed = matches!(invited, Invited::Never | Invited::Refused(_));
    use_passed_focus(is_needed, "[data-testid=share-now]");
    if is_needed {
        html! { <Invitation {invited} {on_changed} /> }
    } else {
        html! {}
    }
}

/// The invitation on the start page: only where there is one.
#[component(KeptInvitation)]
pub fn kept_invitation() -> Html {
    let (invited, on_changed) = use_invited();
    match invited {
        Invited::Yes(_) | Invited::Refused(_) => html! { <Invitation {invited} {on_changed} /> },
        Invited::Asking | Invited::Never | Invited::Untold => html! {},
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_core::api::Allowance;

    #[test]
    fn what_is_left_is_said_in_words() {
        let state = InvitationState {
            name: "Ana".into(),
            expires_at_s: 0,
            limits: Allowance { bytes: 100_000_000_000, runs: 50, concurrent_runs: 2 },
            used: Allowance { bytes: 12_600_000_000, runs: 49, concurrent_runs: 0 },
        };
        assert_eq!(words(&state, "5 Jan 2027"), "Invitation “Ana”: 87.4 GB and 1 run left, until 5 Jan 2027");
    }

    #[test]
    fn an_upload_is_offered_to_who_is_invited_or_may_be() {
        let offered = [Invited::Asking, Invited::Never, Invited::Refused(String::new()), Invited::Untold]
            .map(|invited| invited.may_upload());
        assert_eq!(offered, [false, false, false, true]);
    }
}
