"""What stui does, step by step, over the store and the images. Each folder uses only those before it:

meant      which image, session and terminal a command means
talking    reach an image, enter a session, evaluate, inspect, record what was said, the same in many images
sessions   create, close, rename, restore, transfer, checkpoint, switch, show, count
images     register, discover, launch, stop, monitor, tell of changes
sweeping   orphans and files: survey, plan, carry out

A function here gets what it needs as arguments, talks to images without holding the store's lock, and commits once.
"""
