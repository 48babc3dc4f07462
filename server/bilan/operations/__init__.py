"""What the command line does: functions over the services that tell how far they are.

They run in the process of the command, or inside a running server that the
command reaches through the operator's socket; it is the same code.
"""
