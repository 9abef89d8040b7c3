"""What is heard of a study without looking at it, and a setting that hides: a real Lab, real trials."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.studies import study_cell
from tests.real_kernel import LOAD
from tests.real_lab import OpenNotebook

# a browser without a screen shows no notifications and asks no questions: what the page asks of it is noted
BROWSER = """
window.said = [];
window.Notification = class {
  static permission = "default";
  static async requestPermission() { return (this.permission = "granted"); }
  constructor(title, { body }) { window.said.push([title, body]); }
};
Object.defineProperty(document, "hidden", { get: () => window.isOutOfSight === true });
"""


def test_the_end_of_a_study_is_heard_of_in_lab_and_once_allowed_by_the_browser(
    open_notebook: OpenNotebook, page: Page
) -> None:
    page.add_init_script(BROWSER)
    first, second = (study_cell(name, trials=40, steps=3) for name in ("heard", "heard_outside"))
    notebook = open_notebook("news", LOAD, first, second)
    notebook.run(0)
    notebook.run(1)
    page.wait_for_function("() => /^\\(\\d+ %\\) /.test(document.title)")
    toast = page.locator(".Toastify__toast").filter(has_text="heard")
    expect(toast).to_contain_text("Study heard has ended: all trials done. Best score")
    page.wait_for_function("() => !/^\\(/.test(document.title)")
    toast.get_by_text("Notify by the browser too").click()
    assert page.evaluate("() => [Notification.permission, said]") == ["granted", []]

    page.evaluate("() => { window.isOutOfSight = true; }")
    notebook.run(2)
    page.wait_for_function("() => said.length > 0")
    [[title, body]] = page.evaluate("() => said")
    assert title == "Study heard_outside"
    assert "has ended: all trials done" in body
    # once allowed it is not offered again
    page.evaluate("() => { window.isOutOfSight = false; }")
    toast = page.locator(".Toastify__toast").filter(has_text="heard_outside")
    expect(toast).to_be_visible()
    expect(toast.get_by_text("Notify by the browser too")).to_have_count(0)


def test_sliders_in_the_source_can_be_turned_off(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("settings", study_cell("unshown"))
    page = notebook.page
    slider = page.get_by_test_id("source-lr")
    expect(slider).to_be_visible()

    def choose(is_shown: bool) -> None:
        page.evaluate(
            "() => window.jupyterapp.commands.execute('settingeditor:open', { query: 'sliders in the cell' })"
        )
        page.locator(".jp-PluginList-entry").get_by_text("Tuning: sliders in the cell").click()
        page.get_by_label("Show sliders in the source of %%tune cells").set_checked(is_shown)
        page.locator(".lm-TabBar-tab").filter(has_text="settings.ipynb").click()

    choose(False)
    expect(slider).to_have_count(0)
    choose(True)
    expect(slider).to_be_visible()
