"""Flask with nothing but pages of given sizes, on the same server as the portal: what it is compared with."""

import sys

from flask import Flask
from waitress import serve


def main(port: int, sizes: list[int]) -> None:
    """Answer `/<index>` with a page of that many bytes until told to stop."""
    app = Flask("bare")
    texts = ["x" * size for size in sizes]
    app.add_url_rule("/<int:index>", view_func=lambda index: texts[index])
    serve(app, host="127.0.0.1", port=port, threads=8, ident=None)


if __name__ == "__main__":
    main(int(sys.argv[1]), [int(size) for size in sys.argv[2:]])
