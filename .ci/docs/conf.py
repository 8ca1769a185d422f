"""Sphinx, for `rake docs`: the sources are put together by site.rb."""

project = "inotify_rs"
extensions = ["myst_parser"]
root_doc = "index"
myst_heading_anchors = 4

html_theme = "furo"
html_title = "inotify_rs"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
html_show_sourcelink = False
# Reads pages by XMLHttpRequest, which browsers refuse for files.
html_show_search_summary = False
