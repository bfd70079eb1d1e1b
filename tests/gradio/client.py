"""What a program that was written for the Space does, by Gradio's own client: only the address is another.

    client.py ADDRESS PHOTO NO_PHOTO

prints, as JSON, where the masks lie, what the API is called, and what the errors say.
"""

import json
import sys

from gradio_client import Client, handle_file


def error(call):
    try:
        call()
    except Exception as error:
        return str(error)
    return None


address, photo, no_photo = sys.argv[1:]
client = Client(address, verbose=False)

masks = [
    client.predict(handle_file(photo), api_name="/predict"),
    # There is one function, so it need not be named; and its parameter has a name.
    client.predict(image=handle_file(photo)),
    client.submit(handle_file(photo), fn_index=0).result(),
]
jobs = [client.submit(handle_file(photo), api_name="/predict") for _ in range(8)]
masks += [job.result() for job in jobs]

print(
    json.dumps(
        {
            "masks": masks,
            "api": client.view_api(print_info=False, return_format="dict"),
            "words": client.view_api(print_info=False, return_format="str"),
            "no photo": error(lambda: client.predict(handle_file(no_photo), api_name="/predict")),
            "elsewhere": error(
                lambda: client.predict(handle_file("http://example.com/wall.jpg"), api_name="/predict")
            ),
            "unknown": error(lambda: client.predict(handle_file(photo), api_name="/segment")),
        }
    )
)
