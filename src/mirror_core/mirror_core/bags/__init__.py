"""Bags of rosbag2: written as MCAP, read as MCAP or SQLite, finished or not; nothing in here needs ROS."""
