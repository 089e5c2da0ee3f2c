"""`mirror pair`: a link, and its QR code, that lets one phone use the page of a running mirror."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from mirror_core.environment import apply_defaults
from mirror_core.errors import UsageError

__all__ = ["pair", "pairing_link"]

FIND_S = 5.0  # in which a running mirror is found
ANSWER_S = 5.0


def pair(
    namespace: Annotated[str, typer.Option(help="Of the mirror.")] = "mirror",
    code: Annotated[bool, typer.Option(help="Draw the QR code, too.")] = True,
) -> None:
    """Make a link for a phone, good once and for five minutes; remote access has to be switched on."""
    link = pairing_link(f"/{namespace.strip('/')}")
    if code and sys.stdout.isatty():
        import segno

        segno.make(link, error="m", micro=False).terminal(compact=True)
    print(link)


def pairing_link(namespace: str) -> str:
    """Ask the page of the mirror in a namespace for a link.

    Raises:
        UsageError: if no page is found, or with its own sentence where it refuses.
    """
    apply_defaults()
    try:
        import rclpy
        from rclpy.executors import SingleThreadedExecutor
        from rclpy.signals import SignalHandlerOptions
        from std_srvs.srv import Trigger
    except ImportError as error:
        raise UsageError(f"ROS is not available ({error}); source the workspace first.") from error
    context = rclpy.Context()
    rclpy.init(context=context, args=[], signal_handler_options=SignalHandlerOptions.NO)
    try:
        node = rclpy.create_node(
            "mirror_pair",
            namespace=namespace,
            context=context,
            start_parameter_services=False,
            use_global_arguments=False,
        )
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(node)
        client = node.create_client(Trigger, "page/pair")
        if not client.wait_for_service(FIND_S):
            raise UsageError(
                f"No page runs in the namespace {namespace}; start a mirror with `mirror run`, or name "
                "another namespace with --namespace."
            )
        future = client.call_async(Trigger.Request())
        executor.spin_until_future_complete(future, ANSWER_S)
        if not future.done():
            raise UsageError(f"The page did not answer within {ANSWER_S:.0f} s; look at `mirror top`.")
        answer = future.result()
        executor.shutdown(timeout_sec=1.0)
        node.destroy_node()
    finally:
        context.try_shutdown()
    if not answer.success:
        raise UsageError(answer.message)
    return str(answer.message)
