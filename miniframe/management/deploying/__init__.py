"""What `miniframe deploy KIND` is made of.

    project    the project as it is: its names, folders and settings
    plan       what was asked for, checked: where it will lie, who may reach it
    folders    those of which a server sends every file, checked
    addresses  an address of a server, as each program writes it
    rendering  both as the texts of files
    writing    the files into the project, and nothing of the user's lost

Not here: the templates (`miniframe/conf/deploy_template`), and the command's options (`commands/deploy.py`).
"""
